import { writeFileSync } from "node:fs";

import { annotatedConfig } from "../config/settings/annotated-config.ts";
import { CommandError } from "./cli-error.ts";
import type { CliIo } from "./cli-io.ts";

/** `init`: writes an annotated configuration file. @throws CommandError for a file that exists */
export function init(file = "gateway.yaml", { stdout }: CliIo): number {
  try {
    writeFileSync(file, annotatedConfig(), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new CommandError(`${file} exists: name another file, or remove it`);
  }
  stdout.write(`Wrote ${file}. Start the gateway with it:\n  aivillage-gateway start --config ${file}\n`);
  return 0;
}
