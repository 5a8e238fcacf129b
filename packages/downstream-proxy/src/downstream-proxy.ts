import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import type { Handler, Next } from "@aivillage/middleware";

import { makeClockDeadlines } from "./attempts/response-clock.ts";
import { bodySource } from "./body/body-source.ts";
import { ClientShares } from "./clients/client-shares.ts";
import { Exchange } from "./exchange/exchange.ts";
import type { OutgoingRequest, ProxyContext } from "./exchange/proxy-context.ts";
import { refuseConcurrent } from "./exchange/refuse-concurrent.ts";
import { RunningSet } from "./exchange/running-set.ts";
import type { DownstreamProxyOptions } from "./options/options.ts";
import { readDownstreamProxyOptions } from "./options/read-options.ts";
import { notImplemented } from "./report/errors.ts";
import { continueWhenWanted } from "./request/expect-continue.ts";
import { refuseAmbiguous } from "./request/request-guard.ts";
import { prepareRequestHeaders } from "./request/request-headers.ts";
import { requestTarget } from "./request/request-target.ts";
import { Outbox } from "./response/response-batch.ts";
import { type HealthHint, stateOf, takeHint, type TargetState } from "./targets/target-state.ts";
import { makeRoutes } from "./targets/target.ts";
import { prepareUpgrade } from "./upgrade/upgrade.ts";

/** What `downstreamProxy()` makes: a handler that holds connections. */
export type DownstreamProxy = Handler & {
  /**
   * Takes WebSocket and other upgrades: `server.on("upgrade", proxy.upgrade)`. The request goes to the first target, and once that
   * has changed the protocol, bytes pass both ways. Its refusal (300 and above) is passed on; after any other failure a problem document
   * is written. Either way the connection is then closed. No other handler of the server runs for such a request: check credentials
   * before calling this.
   */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** What it knows of its targets, in their order, from the requests that it has sent: to be shown, or told to a health check. */
  state(): readonly TargetState[];
  /**
   * Takes what somebody else knows of a target. After `healthy: false` earlier responses no longer speak for it, and the next failed
   * connection ejects the replica; `healthy: true` takes that back, and the next request may try what is passed over, without waiting for
   * its time. A hint alone changes no state.
   */
  hint(hint: HealthHint): void;
  /**
   * Ends it: requests that wait and requests to come are answered 503, running ones go on. Resolves when the last has ended and
   * all connections are closed.
   *
   * @param options.deadlineMs after this time what still runs is cut, event streams and upgraded connections included; default: never
   */
  close(options?: { deadlineMs?: number }): Promise<void>;
};

/**
 * Makes the handler that sends every request on to a service behind and streams the answer back.
 *
 * It answers, or hands a problem to `next`: 400, 429, 501, 502, 503, 504 or 508. Mount it last on its path, after everything that checks
 * the request, and without a body parser before it, unless the body is to be held in memory.
 *
 * @throws TypeError for an unknown or bad option
 */
export function downstreamProxy(options: DownstreamProxyOptions): DownstreamProxy {
  const settings = readDownstreamProxyOptions(options);
  const shares = new ClientShares(settings);
  const context: ProxyContext = {
    settings,
    routes: makeRoutes(settings),
    running: new RunningSet(shares),
    outbox: new Outbox(),
    deadlines: makeClockDeadlines(),
    shares,
  };
  const makeHeaders = prepareRequestHeaders(settings);
  const usesRequestTarget = context.routes.some(({ path }) => path === undefined);

  function outgoing(req: IncomingMessage, res: ServerResponse): OutgoingRequest {
    refuseUnsupported(req);
    refuseAmbiguous(req);
    const path = usesRequestTarget ? requestTarget(req, settings.path) : "";
    const body = bodySource(req, settings, continueWhenWanted(req, res));
    return { method: req.method ?? "GET", path, body, headers: makeHeaders(req, body) };
  }

  function downstreamProxyHandler(req: IncomingMessage, res: ServerResponse, next: Next): void {
    // The client left while earlier handlers were at work: there is nobody to answer.
    if (res.destroyed) return;
    let exchange: Exchange | undefined;
    try {
      exchange = context.running.enter(req, () => new Exchange(context, { req, res, next }, outgoing(req, res)));
    } catch (error) {
      return next(error);
    }
    if (exchange === undefined) return next(refuseConcurrent(context, req));
    exchange.start();
  }

  async function close({ deadlineMs }: { deadlineMs?: number } = {}): Promise<void> {
    const origins = context.routes.flatMap((route) => route.origins);
    const closed = origins.map((origin) => origin.close());
    await context.running.drain(deadlineMs);
    context.outbox.flush();
    await Promise.all(closed);
  }

  return Object.assign(downstreamProxyHandler, {
    upgrade: prepareUpgrade(context, makeHeaders),
    state: () => context.routes.map(stateOf),
    hint: (hint: HealthHint) => takeHint(context.routes, hint),
    close,
  });
}

/** Other upgrades, such as to HTTP/2, are offers that a server may ignore (RFC 9110, 7.8); a WebSocket client has no use for that. */
function refuseUnsupported({ method, headers }: IncomingMessage): void {
  if (headers.upgrade?.toLowerCase() === "websocket") throw notImplemented("WebSocket connections are not forwarded here.");
  if (method === "TRACE") throw notImplemented("TRACE is not forwarded, because it would show fields that were added on the way.");
}
