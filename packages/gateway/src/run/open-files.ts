import { openFileLimit } from "@aivillage/http-server";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

/** Files that a process has open beside its clients' connections, most of them connections to services. */
const others = 1_024;

/**
 * How many connections of clients a process takes: without a file for them the system would reset them, and those to services fail,
 * whichever client holds the files. So the limit of open files bounds connections too, and the longest idle one makes room for a new one.
 */
export function usableConnections({ server }: Pick<GatewayConfig, "server">, limit = openFileLimit()): number {
  return Math.min(server.maxConnections, Math.max(Math.floor(limit / 2), limit - others));
}

/** Warns if the process may open fewer files than it may have connections. */
export function warnOfOpenFiles({ server }: GatewayConfig, logger: GatewayLogger, limit = openFileLimit()): void {
  const needed = server.maxConnections + others;
  if (limit >= needed) return;
  const remedy = `raise it to ${needed} (ulimit -n, LimitNOFILE of systemd), or lower MAX_CONNECTIONS`;
  logger.warn(
    { limit, max_connections: server.maxConnections, used: usableConnections({ server }, limit), remedy },
    "limit of open files is too low for MAX_CONNECTIONS",
  );
}
