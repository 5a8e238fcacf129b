import { isInstant } from "@aivillage/api-key-auth/keys-file";
import { durationMs } from "@aivillage/middleware";

import { CommandError } from "../cli-error.ts";

const latestMs = 8.64e15;

/** A length of time such as `45s`, `30m`, `24h`, `90d`. @throws CommandError that names the option */
export function readDurationMs(text: string, optionName: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new CommandError(`${optionName} must be a number with s, m, h or d, such as 24h`, 2);
  return ms;
}

/** An instant: a length of time from now, or ISO 8601 with offset. @throws CommandError that names the option */
export function readInstant(text: string, optionName: string, nowMs: number): Date {
  const ms = durationMs(text);
  if (ms !== undefined && nowMs + ms <= latestMs) return new Date(nowMs + ms);
  if (isInstant(text)) return new Date(text);
  throw new CommandError(`${optionName} must be a length of time such as 90d, or an instant such as 2030-01-31T00:00:00Z`, 2);
}
