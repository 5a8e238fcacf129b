import { copyConfig } from "./loader/source-files.ts";
import type { GatewayConfig } from "./settings/gateway-config.ts";

/** Settings that are bound to the process: its socket, its workers, its logger and its store of counts. A reload keeps them. */
const fixed = [
  "environment",
  "server.host",
  "server.port",
  "server.workers",
  "server.maxConnections",
  "server.maxConnectionsPerAddress",
  "admin",
  "rateLimit.redisUrl",
  "rateLimit.maxKeys",
  "rateLimit.penalty",
  "budgets.journal",
  "audit",
  "log",
] as const;

type Tree = Record<string, unknown>;

/** The requested configuration with what cannot change in a running process as it is, and the keys for which that makes a difference. */
export function keepFixed(inUse: GatewayConfig, requested: GatewayConfig): { config: GatewayConfig; needRestart: string[] } {
  const config = copyConfig(requested);
  const needRestart = fixed.filter((key) => {
    const [group = "", name] = key.split(".");
    const parentOf = (tree: object): Tree => (name === undefined ? tree : (tree as Record<string, object>)[group]) as Tree;
    const [from, to, last] = [parentOf(inUse), parentOf(config), name ?? group];
    const differs = JSON.stringify(from[last]) !== JSON.stringify(to[last]);
    to[last] = from[last];
    return differs;
  });
  return { config, needRestart };
}
