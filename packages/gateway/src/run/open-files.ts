import { openFileLimit } from "@aivillage/http-server";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

/** Files that a process has open beside its clients' connections, most of them connections to services. */
const others = 1_024;

/** Warns if the process may open fewer files than it may have connections: the rest would be reset without a trace. */
export function warnOfOpenFiles({ server }: GatewayConfig, logger: GatewayLogger, limit = openFileLimit()): void {
  const needed = server.maxConnections + others;
  if (limit >= needed) return;
  const remedy = `raise it to ${needed} (ulimit -n, LimitNOFILE of systemd), or lower MAX_CONNECTIONS`;
  logger.warn({ limit, max_connections: server.maxConnections, remedy }, "limit of open files is too low for MAX_CONNECTIONS");
}
