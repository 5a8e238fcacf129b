import type { IncomingMessage } from "node:http";

import { isSyncFunction, option, optionError, readOptions, returns } from "@aivillage/middleware";

import { AdaptiveLimit } from "./adaptive/adaptive-limit.ts";
import { packageName } from "./package-name.ts";

/** A limit on how many requests are in progress at once. */
export interface ConcurrencyLimit {
  /** Unique among the limits; goes into events, not into responses. 1 to 64 letters, digits, `_`, `.`, `-`. */
  name: string;
  /**
   * Requests that may hold a slot at once, for each key: an integer, at least 1, or a function that returns one. `adaptive()` finds the
   * limit itself, for a limit without `key`.
   */
  max: number | ((req: IncomingMessage) => number) | AdaptiveLimit;
  /** Whose slots a request takes. `undefined`: the limit does not apply. Default: all requests share the slots. */
  key?: (req: IncomingMessage) => string | undefined;
  /** Whether the limit applies. Default: to all requests. */
  when?: (req: IncomingMessage) => boolean;
  /**
   * Whose limit it is: that of a `client`, which is a 429 when exceeded, or that of a `backend`, which is a 503. Default: `client` if
   * there is a `key`, otherwise `backend`.
   */
  of?: "client" | "backend";
}

export const mostSlots = 1_000_000;

export const isSlots = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= mostSlots;

const expectedMax = `an integer from 1 to ${mostSlots}, a function that returns one, or adaptive()`;

const rules = {
  name: option.custom<string>("1 to 64 letters, digits, `_`, `.` or `-`", "", (value) => /^[\w.-]{1,64}$/.test(String(value))),
  max: option.custom<ConcurrencyLimit["max"]>(
    expectedMax,
    1,
    (value) => isSlots(value) || isSyncFunction(value) || value instanceof AdaptiveLimit,
  ),
  key: option.function<(req: IncomingMessage) => string | undefined>(undefined),
  when: option.function<(req: IncomingMessage) => boolean>(undefined, returns.boolean),
  of: option.custom<ConcurrencyLimit["of"]>('"client" or "backend"', undefined, (value) => value === "client" || value === "backend"),
};

/** A limit after reading. */
export interface ReadLimit {
  readonly name: string;
  readonly max: ConcurrencyLimit["max"];
  readonly key: ConcurrencyLimit["key"];
  readonly when: ConcurrencyLimit["when"];
  readonly isOwn: boolean;
}

export function readLimits(given: readonly ConcurrencyLimit[] | undefined): readonly ReadLimit[] {
  if (!Array.isArray(given) || given.length === 0) throw optionError(packageName, "limits", "a list of at least one limit", given);
  const limits = given.map((limit: ConcurrencyLimit, index) => readLimit(limit, `limits[${index}]`));
  const names = limits.map(({ name }) => name);
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (repeated !== -1) throw optionError(packageName, `limits[${repeated}].name`, "a name that no other limit has", names[repeated]);
  return limits;
}

function readLimit(given: ConcurrencyLimit, path: string): ReadLimit {
  if (typeof given !== "object" || given === null) throw optionError(packageName, path, "an object", given);
  for (const name of ["name", "max"] as const) {
    if (given[name] === undefined) throw optionError(packageName, `${path}.${name}`, rules[name].expected, undefined);
  }
  const { of, ...limit } = readOptions<ConcurrencyLimit, typeof rules>(packageName, given, rules, path);
  if (limit.max instanceof AdaptiveLimit && limit.key !== undefined) {
    throw optionError(packageName, `${path}.key`, "left out of an adaptive limit, which has one size for all", limit.key);
  }
  return { ...limit, isOwn: (of ?? (limit.key === undefined ? "backend" : "client")) === "client" };
}
