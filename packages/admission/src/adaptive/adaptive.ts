import type { IncomingMessage } from "node:http";

import { option, optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { AdaptiveLimit } from "./adaptive-limit.ts";

/** Options of `adaptive()`. */
export interface AdaptiveOptions {
  /** The limit never falls below: an integer, at least 1. Default 1. */
  min?: number;
  /** The limit never rises above: an integer up to 100,000. Required. */
  max?: number;
  /** Where the limit begins. Default: `min`, or 4 if that is more. */
  initial?: number;
  /** How many times as long as without load the first byte may take, from 1.05 to 10. Default 1.25. */
  tolerance?: number;
  /**
   * Milliseconds from the request's admission to the first token, asked when the response has ended, such as of `getAiUsage()` of
   * `@aivillage/ai-call`. It is given the time to the first byte of the response. `undefined`: the request is not counted. Default: the
   * time to the first byte.
   */
  signal?: (req: IncomingMessage, firstByteMs: number) => number | undefined;
}

const most = 100_000;

const rules = {
  min: option.integer(1, { min: 1, max: most }),
  max: option.custom<number | undefined>(
    `an integer from 1 to ${most}`,
    undefined,
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most,
  ),
  initial: option.custom<number | undefined>("an integer from `min` to `max`", undefined, Number.isInteger),
  tolerance: option.custom<number>("a number from 1.05 to 10", 1.25, (value) => typeof value === "number" && value >= 1.05 && value <= 10),
  signal: option.function<(req: IncomingMessage, firstByteMs: number) => number | undefined>(undefined),
};

/**
 * A limit that finds the concurrency of a backend by the time to its first byte, and halves when the backend refuses requests.
 *
 * The object holds what it learned. Reuse it to keep that when you recreate a middleware.
 *
 * @throws OptionError for an unknown or bad option
 */
export function adaptive(options: AdaptiveOptions): AdaptiveLimit {
  const { min, max, tolerance, signal, ...given } = readOptions<AdaptiveOptions, typeof rules>(packageName, options, rules);
  if (max === undefined || max < min) throw optionError(packageName, "max", `an integer from \`min\` to ${most}`, max);
  const initial = given.initial ?? Math.min(max, Math.max(min, 4));
  if (initial < min || initial > max) throw optionError(packageName, "initial", rules.initial.expected, initial);
  return new AdaptiveLimit({ min, max, initial, tolerance, signal });
}
