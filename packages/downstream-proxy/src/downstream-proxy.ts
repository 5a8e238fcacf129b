import type { IncomingMessage, ServerResponse } from "node:http";

import type { Handler, Next } from "@aivillage/middleware";

import { bodySource } from "./body-source.ts";
import { notImplemented } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import type { DownstreamProxyOptions } from "./options.ts";
import { readDownstreamProxyOptions } from "./read-options.ts";
import { prepareRequestHeaders } from "./request-headers.ts";
import { requestTarget } from "./request-target.ts";
import { makeRoutes } from "./route.ts";

/** What `downstreamProxy()` makes: a handler that holds connections. */
export type DownstreamProxy = Handler & {
  /**
   * Ends it: requests that wait and requests to come are answered 503, running ones go on. Resolves when the last has ended and
   * all connections are closed.
   */
  close(): Promise<void>;
};

/**
 * Makes the handler that sends every request on to a service behind and streams the answer back.
 *
 * It answers, or hands a problem to `next`: 400, 501, 502, 503 or 504. Mount it last on its path, after everything that checks
 * the request, and without a body parser before it, unless the body is to be held in memory.
 *
 * @throws TypeError for an unknown or bad option
 */
export function downstreamProxy(options: DownstreamProxyOptions): DownstreamProxy {
  const settings = readDownstreamProxyOptions(options);
  const routes = makeRoutes(settings);
  const makeHeaders = prepareRequestHeaders(settings);
  const usesRequestTarget = routes.some(({ path }) => path === undefined);

  function outgoing(req: IncomingMessage) {
    refuseUnsupported(req);
    const path = usesRequestTarget ? requestTarget(req) : "";
    const body = bodySource(req, settings);
    return { path, body, headers: makeHeaders(req, body) };
  }

  function downstreamProxyHandler(req: IncomingMessage, res: ServerResponse, next: Next): void {
    // The client left while earlier handlers were at work: there is nobody to answer.
    if (res.destroyed) return;
    let exchange: Exchange;
    try {
      exchange = new Exchange({ settings, routes }, { req, res, next }, outgoing(req));
    } catch (error) {
      return next(error);
    }
    exchange.start();
  }

  const origins = routes.flatMap((route) => route.origins);
  const close = async (): Promise<void> => void (await Promise.all(origins.map((origin) => origin.close())));
  return Object.assign(downstreamProxyHandler, { close });
}

/** Other upgrades, such as to HTTP/2, are offers that a server may ignore (RFC 9110, 7.8); a WebSocket client has no use for that. */
function refuseUnsupported({ method, headers }: IncomingMessage): void {
  if (headers.upgrade?.toLowerCase() === "websocket") throw notImplemented("WebSocket connections are not forwarded.");
  if (method === "TRACE") throw notImplemented("TRACE is not forwarded, because it would show fields that were added on the way.");
}
