import type { ConfigSources } from "../config/load-config.ts";
import { lookAlikes } from "../config/loader/environment.ts";
import { configWarnings } from "../config/rules/config-warnings.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { CliIo, ConfigFlags } from "./cli-io.ts";

/** Where a command line takes the configuration from. */
export function sourcesOf({ config, port }: ConfigFlags, { env }: CliIo): ConfigSources {
  return { ...(env !== undefined && { env }), ...(config !== undefined && { file: config }), ...(port !== undefined && { port }) };
}

/** Writes likely typos in variables and, if they are not logged where a person sees them, warnings about unsafe settings. */
export function printWarnings(config: GatewayConfig, { env, stderr }: CliIo, isLogged: boolean): void {
  const unsafe = isLogged ? [] : configWarnings(config).map(({ text }) => `WARN: ${text}`);
  for (const warning of [...lookAlikes(env), ...unsafe]) stderr.write(`aivillage-gateway: ${warning}\n`);
}
