import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { type Handler, hasResponseClosed, type Next, offeredProtocol, passError } from "@aivillage/middleware";

import { makeClockDeadlines } from "./attempts/response-clock.ts";
import { bodySource } from "./body/body-source.ts";
import { Exchange } from "./exchange/exchange.ts";
import type { ProxyContext } from "./exchange/proxy-context.ts";
import { RunningSet } from "./exchange/running-set.ts";
import type { DownstreamProxyOptions } from "./options/options.ts";
import { readDownstreamProxyOptions } from "./options/read-options.ts";
import { notImplemented } from "./report/errors.ts";
import { continueWhenRead } from "./request/expect-continue.ts";
import type { OutgoingRequest } from "./request/outgoing-request.ts";
import { refuseAmbiguous } from "./request/request-guard.ts";
import { prepareRequestHeaders } from "./request/request-headers.ts";
import { requestTarget } from "./request/request-target.ts";
import { ResponseBatch } from "./response/response-batch.ts";
import { setDraining } from "./targets/drain-replica.ts";
import { type ReportedHealth, reportHealth, stateOf, type TargetState } from "./targets/target-state.ts";
import { makeTargets } from "./targets/target.ts";
import { prepareUpgrades } from "./upgrade/upgrade.ts";

/** The result of `downstreamProxy()`: a handler that holds connections. */
export type DownstreamProxy = Handler & {
  /**
   * Handles WebSocket and other upgrades without the handlers of an app: `server.on("upgrade", proxy.upgrade)`. The request is sent to the
   * first target. When the target has switched protocols, bytes pass in both directions. Its refusal (300 and above) is passed on; any other
   * failure gets a problem document. In both cases the connection is then closed. No other handler of the server runs for such a request.
   * To run them, for credentials and mount paths, use `upgradeListener(app)` of `@aivillage/middleware` instead. A connection that another
   * listener has taken is left alone, and offers of protocols outside `upgrades` are ignored.
   */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** What the proxy knows about its targets, in their order, from the requests that it has sent. */
  state(): readonly TargetState[];
  /**
   * Reports what another component, such as a health check, knows about a target. After `healthy: false` earlier responses no longer count,
   * and the next failed connection ejects the replica. `healthy: true` withdraws that, and the next request may try an ejected replica or
   * an open target at once. A report alone changes no state.
   */
  reportHealth(health: ReportedHealth): void;
  /**
   * Takes a replica out of choice, for instance before it is restarted: new requests go to the other replicas, and those that it is handling
   * continue. `requests` in its `state()` shows when the last one has ended. If every replica of a target drains, requests are sent as if
   * none did.
   *
   * @param origin as in `state()`
   * @returns whether a target has this replica
   */
  drainReplica(origin: string): boolean;
  /** Takes a replica that drains back into choice; see `drainReplica()`. */
  resumeReplica(origin: string): boolean;
  /**
   * Closes the proxy. Waiting and new requests get a 503, running ones continue. Resolves when the last one has ended and all connections
   * are closed.
   *
   * @param options.deadlineMs after this time the remaining requests are cut, event streams and upgraded connections included; default: never
   */
  close(options?: { deadlineMs?: number }): Promise<void>;
};

/**
 * Makes the handler that forwards every request to an upstream service and streams the response back.
 *
 * It responds, or passes a problem to `next`: 400, 413, 429, 501, 502, 503, 504 or 508. Mount it last on its path, after everything that checks
 * the request, and without a body parser before it, unless the body is to be held in memory.
 *
 * @throws OptionError for an unknown or bad option
 */
export function downstreamProxy(options: DownstreamProxyOptions): DownstreamProxy {
  const settings = readDownstreamProxyOptions(options);
  const running = new RunningSet(settings);
  const context: ProxyContext = {
    settings,
    targets: makeTargets(settings),
    running,
    batch: new ResponseBatch(() => running.size),
    deadlines: makeClockDeadlines(),
  };
  const makeHeaders = prepareRequestHeaders(settings);
  const usesRequestTarget = context.targets.some(({ path }) => path === undefined);

  function outgoing(req: IncomingMessage, res: ServerResponse): OutgoingRequest {
    refuseUnsupported(req);
    refuseAmbiguous(req);
    const path = usesRequestTarget ? requestTarget(req, settings.path) : "";
    const body = bodySource(req, settings, continueWhenRead(req, res));
    return { method: req.method ?? "GET", path, body, headers: makeHeaders(req, body) };
  }

  const upgrades = prepareUpgrades(context, makeHeaders);

  function downstreamProxyHandler(req: IncomingMessage, res: ServerResponse, next: Next): void {
    // The client left while earlier handlers were running.
    if (res.destroyed || hasResponseClosed(res)) return;
    if (req.headers.upgrade !== undefined && upgrades.take(req, res, next)) return;
    let exchange: Exchange;
    try {
      exchange = context.running.enter(req, () => new Exchange(context, { req, res, next }, outgoing(req, res)));
    } catch (error) {
      return passError(error, res, next);
    }
    exchange.start();
  }

  async function close({ deadlineMs }: { deadlineMs?: number } = {}): Promise<void> {
    const replicas = context.targets.flatMap((target) => target.replicas);
    const closed = replicas.map((replica) => replica.close());
    await context.running.drain(deadlineMs);
    context.batch.flush();
    await Promise.all(closed);
  }

  return Object.assign(downstreamProxyHandler, {
    upgrade: upgrades.listener,
    state: () => context.targets.map(stateOf),
    reportHealth: (health: ReportedHealth) => reportHealth(context.targets, health),
    drainReplica: (origin: string) => setDraining(context.targets, origin, true),
    resumeReplica: (origin: string) => setDraining(context.targets, origin, false),
    close,
  });
}

/** Other upgrades, such as to HTTP/2, are offers that a server may ignore (RFC 9110, 7.8), which a WebSocket client cannot use. */
function refuseUnsupported(req: IncomingMessage): void {
  const { method, headers } = req;
  if (headers.upgrade !== undefined && offeredProtocol(req) === "websocket")
    throw notImplemented("WebSocket connections are not forwarded here.");
  if (method === "TRACE") throw notImplemented("TRACE is not forwarded, because it would reveal headers that were added on the way.");
}
