import type { ConfigSources } from "../config/load-config.ts";
import { lookAlikes } from "../config/loader/environment.ts";
import { configWarnings } from "../config/rules/config-warnings.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { CliIo, ConfigFlags } from "./cli-io.ts";

/** Where a command line takes the configuration from. */
export function sourcesOf({ config, port }: ConfigFlags, { env }: CliIo): ConfigSources {
  return { ...(env !== undefined && { env }), ...(config !== undefined && { file: config }), ...(port !== undefined && { port }) };
}

/** Writes likely typos in variables: before the configuration is loaded, since they may be why it is refused. */
export function printTypos({ env, stderr }: CliIo): void {
  for (const typo of lookAlikes(env)) stderr.write(`aivillage-gateway: ${typo}\n`);
}

/** Writes warnings about unsafe settings. */
export function printWarnings(config: GatewayConfig, { stderr }: CliIo): void {
  for (const { text } of configWarnings(config)) stderr.write(`aivillage-gateway: WARN: ${text}\n`);
}

/** Says that a running gateway is asked by a configuration that it would refuse. */
export function printRefused({ stderr }: CliIo): void {
  stderr.write("aivillage-gateway: the configuration is not valid now, and only where to ask was taken from it: run check-config\n");
}
