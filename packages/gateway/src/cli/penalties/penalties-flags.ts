import { settingsOfRunning } from "../../config/settings-of-running.ts";
import { CommandError } from "../cli-error.ts";
import type { CliIo } from "../cli-io.ts";
import { printRefused, sourcesOf } from "../sources.ts";

/** The flags of every `penalties` command. */
export interface PenaltiesFlags {
  readonly config?: string;
  readonly json?: boolean;
}

/** The Redis that the gateways share, by their configuration. @throws ConfigError, and CommandError when they share none */
export function redisUrlOf(options: PenaltiesFlags, io: CliIo): string {
  const { redisUrl } = settingsOfRunning(sourcesOf(options, io), "rateLimit.redisUrl", () => printRefused(io)).rateLimit;
  if (redisUrl !== "") return redisUrl;
  throw new CommandError(
    "REDIS_URL is not set, nor `rateLimit.redisUrl` in a file: penalties then live in the memory of each gateway, and end with its restart",
  );
}
