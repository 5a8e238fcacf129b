import { stringify } from "yaml";

import { loadConfig } from "../config/load-config.ts";
import { redactConfig } from "../config/redact-config.ts";
import type { CliIo, ConfigFlags } from "./cli-io.ts";
import { sourcesOf } from "./sources.ts";

/** `print-config`: prints the configuration that `start` would use. @throws ConfigError with every problem */
export function printConfig(options: ConfigFlags, io: CliIo): number {
  io.stdout.write(stringify(redactConfig(loadConfig(sourcesOf(options, io)))));
  return 0;
}
