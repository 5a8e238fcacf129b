import { stringify } from "yaml";

import { loadConfig } from "../config/load-config.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { settings } from "../config/settings/schema.ts";
import type { CliIo, ConfigFlags } from "./cli-io.ts";
import { sourcesOf } from "./sources.ts";

/** `print-config`: prints the configuration that `start` would use. @throws ConfigError with every problem */
export function printConfig(options: ConfigFlags, io: CliIo): number {
  io.stdout.write(describeConfig(loadConfig(sourcesOf(options, io))));
  return 0;
}

/** The configuration as a YAML file, with `[redacted]` in place of each secret that is set, and of queries of URLs, which may hold a token. */
export function describeConfig(config: GatewayConfig): string {
  const copy = structuredClone(config) as unknown as Record<string, Record<string, unknown>>;
  for (const { key, sensitive } of settings) {
    const [group = "", name = ""] = key.split(".");
    if (sensitive && copy[group]?.[name] !== "") (copy[group] ?? {})[name] = "[redacted]";
  }
  return stringify(copy, (_key, value: unknown) =>
    typeof value === "string" ? value.replace(/^(https?:[^?]*\?).+/, "$1[redacted]") : value,
  );
}
