import { configWarnings } from "../config/rules/config-warnings.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

/** Logs each unsafe setting that keeps no gateway from starting, at every start and reload. */
export function warnOfConfig(config: GatewayConfig, logger: GatewayLogger): void {
  for (const { rule, text } of configWarnings(config)) logger.warn({ rule }, text);
}
