import { loadConfig } from "../config/load-config.ts";
import type { CliIo, ConfigFlags } from "./cli-io.ts";
import { printTypos, printWarnings, sourcesOf } from "./sources.ts";

/** `check-config`: loads the configuration as `start` does. @throws ConfigError with every problem */
export function checkConfig(options: ConfigFlags, io: CliIo): number {
  printTypos(io);
  const config = loadConfig(sourcesOf(options, io));
  printWarnings(config, io);
  io.stdout.write("Configuration OK\n");
  return 0;
}
