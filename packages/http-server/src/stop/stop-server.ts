import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { option, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";

/** Options of `stopServer()`. Durations are in milliseconds. */
export interface StopServerOptions {
  /** How long new connections are still accepted, so that load balancers notice a readiness probe that fails. Default 0. */
  delayMs?: number;
  /** How long idle connections stay open after that, so that a request already on its way gets its response and not a reset. Default 0. */
  idleMs?: number;
  /** How long requests in progress may go on, counted from the end of `delayMs`. Then their connections are cut. Default 10000. */
  drainMs?: number;
}

const idleCheckMs = 100;
const longestMs = 2 ** 31 - 1;

/**
 * Stops a server in order. Responses carry `Connection: close` from now on; new connections are refused after `delayMs`, idle ones closed
 * after `idleMs`, and the others cut after `drainMs`. Works on any `node:http` server, but only `httpServer()` can cut its upgraded
 * connections: with another server, close them yourself, or the promise does not resolve before they end. Only with `httpServer()` is a
 * connection idle that never had a request, from a second after it was opened; with another server it lasts until `drainMs`.
 *
 * @returns a promise that resolves when the last connection has ended
 * @throws OptionError for an unknown or bad option
 */
export async function stopServer(server: Server, options?: StopServerOptions): Promise<void> {
  const { delayMs, idleMs, drainMs } = readOptions(packageName, options, {
    delayMs: option.integer(0, { max: longestMs }),
    idleMs: option.integer(0, { max: longestMs }),
    drainMs: option.integer(10_000, { max: longestMs }),
  });
  for (const name of ["request", "checkContinue", "checkExpectation"])
    if (server.listenerCount(name) > 0) server.prependListener(name, announceClose);
  if (delayMs > 0) await sleep(delayMs);
  const closed = new Promise((resolve) => {
    // The close() of an HTTP server would end idle connections at once.
    if (idleMs > 0) NetServer.prototype.close.call(server, resolve);
    else server.close(resolve);
  });
  let idleTimer: NodeJS.Timeout | undefined;
  const timers = [
    setTimeout(() => {
      idleTimer = setInterval(() => server.closeIdleConnections(), idleCheckMs).unref();
    }, idleMs).unref(),
    setTimeout(() => server.closeAllConnections(), Math.max(drainMs, idleMs)),
  ];
  await closed;
  for (const timer of [...timers, idleTimer]) clearTimeout(timer);
  // Ends its own timers.
  server.close();
}

/** Node adds the header, also when a framework has replaced the methods of the response. */
function announceClose(_req: IncomingMessage, res: ServerResponse): void {
  res.shouldKeepAlive = false;
}
