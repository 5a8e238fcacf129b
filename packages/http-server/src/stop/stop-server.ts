import type { Server } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How a server stops. Times in milliseconds. */
export interface StopTimes {
  /** How long new connections are still taken, so that load balancers notice `/readyz`. */
  delayMs: number;
  /** How long idle connections stay open, so that a request that is on its way on one is answered and not reset. */
  idleMs: number;
  /** How long requests under way may go on. */
  drainMs: number;
}

/** Resolves when the last connection has ended. Until then answers should carry `Connection: close`. */
export async function stopServer(server: Server, { delayMs, idleMs, drainMs }: StopTimes): Promise<void> {
  if (delayMs > 0) await sleep(delayMs);
  const closed = new Promise((resolve) => {
    // The close() of an HTTP server would end idle connections at once.
    if (idleMs > 0) NetServer.prototype.close.call(server, resolve);
    else server.close(resolve);
  });
  const timers = [
    setTimeout(() => setInterval(() => server.closeIdleConnections(), 100).unref(), idleMs).unref(),
    setTimeout(() => server.closeAllConnections(), Math.max(drainMs, idleMs)),
  ];
  await closed;
  for (const timer of timers) clearTimeout(timer);
  // Ends its own timers.
  server.close();
}
