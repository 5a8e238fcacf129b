import { option, readOptions } from "@aivillage/middleware";

import type { BreakerOptions, EjectionOptions, RetryOptions } from "./options.ts";
import { packageName } from "./read-targets.ts";

/** The longest delay of a Node timer. */
export const maxTimerMs = 2_147_483_647;

/** A rule for an object of options that `false` switches off. */
export const switchable = <T extends object>() =>
  option.custom<T | false>("false or an object", {} as T, (value) => value === false || isObject(value));

export function readBreaker(given: BreakerOptions | false): Required<BreakerOptions> {
  if (given === false) return { failures: Infinity, openMs: 0 };
  const rules = { failures: option.integer(5, { min: 1 }), openMs: option.integer(3_000, { min: 1 }) };
  return readOptions(packageName, given, rules, "breaker");
}

export function readEjection(given: EjectionOptions | false): Required<EjectionOptions> {
  if (given === false) return { failures: Infinity, baseMs: 1, maxMs: 1 };
  const rules = {
    failures: option.integer(3, { min: 1 }),
    baseMs: option.integer(1_000, { min: 1, max: maxTimerMs }),
    maxMs: option.integer(4_000, { min: 1, max: maxTimerMs }),
  };
  return readOptions(packageName, given, rules, "ejection");
}

export function readRetries(given: RetryOptions | false) {
  const rules = {
    attempts: option.integer(2, { min: 1, max: 10 }),
    baseDelayMs: option.integer(50, { min: 1, max: maxTimerMs }),
    maxDelayMs: option.integer(2_000, { min: 1, max: maxTimerMs }),
    retryOn: option.custom<readonly number[]>("an array of statuses from 500 to 599", [502, 503, 504], isListOfServerErrors),
    budget: option.custom("a number from 0 to 1", 0.2, (value) => typeof value === "number" && value >= 0 && value <= 1),
  };
  const { retryOn, ...rest } = readOptions(packageName, given === false ? { attempts: 1 } : given, rules, "retries");
  return { ...rest, retryOn: new Set(retryOn) };
}

function isListOfServerErrors(value: unknown): boolean {
  return Array.isArray(value) && value.every((status) => Number.isInteger(status) && status >= 500 && status <= 599);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
