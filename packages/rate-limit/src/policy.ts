import type { IncomingMessage } from "node:http";

import { option, optionError, readOptions } from "@aivillage/middleware";

const packageName = "@aivillage/rate-limit";

/** A limit on the cost that one key may cause in any trailing window. */
export interface Policy {
  /** Unique among the policies; goes into headers, answers and events. 1 to 64 letters, digits, `_`, `.`, `-`. */
  name: string;
  /** Most cost accepted in any trailing window: an integer, at least 1. A function may also return 0, which refuses all. */
  limit: number | ((req: IncomingMessage) => number);
  /** Length of the trailing window in milliseconds: an integer, at least 100. */
  windowMs: number;
  /**
   * Who is charged. `undefined`: the policy does not apply to this request. Longer keys than 64 characters are kept as a digest.
   * Default: the client's address, IPv6 by its /56 network.
   */
  key?: (req: IncomingMessage) => string | undefined;
  /** What a request costs: an integer, at least 0; 0 only looks whether there is room. Default 1. */
  cost?: number | ((req: IncomingMessage) => number);
  /** Whether the policy applies to the request. Default: to all. */
  when?: (req: IncomingMessage) => boolean;
}

/** The largest integer that a structured field can carry (RFC 9651, 3.3.1). */
export const mostUnits = 999_999_999_999_999;

export function isUnits(value: unknown, min: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= mostUnits;
}

const isFunction = (value: unknown): boolean => typeof value === "function";
const isName = (value: unknown): boolean => typeof value === "string" && /^[\w.-]{1,64}$/.test(value);

export const limitRule = option.custom<Policy["limit"]>(
  `an integer from 1 to ${mostUnits} or a function that returns one`,
  1,
  (value) => isUnits(value, 1) || isFunction(value),
);

export const windowRule = option.custom<number>(
  "an integer of milliseconds, at least 100",
  100,
  (value) => Number.isSafeInteger(value) && Number(value) >= 100,
);

const rules = {
  name: option.custom<string>("1 to 64 letters, digits, `_`, `.` or `-`", "", isName),
  limit: limitRule,
  windowMs: windowRule,
  key: option.function<(req: IncomingMessage) => string | undefined>(undefined),
  cost: option.custom<number | ((req: IncomingMessage) => number)>(
    `an integer from 0 to ${mostUnits} or a function that returns one`,
    1,
    (value) => isUnits(value, 0) || isFunction(value),
  ),
  when: option.function<(req: IncomingMessage) => boolean>(undefined),
};

/** Checks one policy; `path` is where it stands in the options. */
export function readPolicy(given: Policy, path: string) {
  if (typeof given !== "object" || given === null) throw optionError(packageName, path, "an object", given);
  for (const name of ["name", "limit", "windowMs"] as const) {
    if (given[name] === undefined) throw optionError(packageName, `${path}.${name}`, rules[name].expected, undefined);
  }
  return readOptions<Policy, typeof rules>(packageName, given, rules, path);
}

export type ReadPolicy = ReturnType<typeof readPolicy>;
