import { readFileSync } from "node:fs";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

/** Files that a process has open beside its clients' connections, most of them connections to services. */
const others = 1_024;

/** Warns if the process may open fewer files than it may have connections: the rest would be reset without a trace. */
export function warnOfOpenFiles({ server }: GatewayConfig, logger: GatewayLogger, limits = readLimits()): void {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  const needed = server.maxConnections + others;
  if (limit >= needed) return;
  const remedy = `raise it to ${needed} (ulimit -n, LimitNOFILE of systemd), or lower MAX_CONNECTIONS`;
  logger.warn({ limit, max_connections: server.maxConnections, remedy }, "limit of open files is too low for MAX_CONNECTIONS");
}

/** Linux has them; what other systems allow is not known. */
function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}
