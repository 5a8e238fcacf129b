import { configSchema } from "../config/settings/json-schema.ts";
import type { CliIo } from "./cli-io.ts";

/** `schema`: prints the JSON Schema of the configuration file. */
export function printSchema({ stdout }: CliIo): number {
  stdout.write(`${JSON.stringify(configSchema(), null, 2)}\n`);
  return 0;
}
