import type { IncomingMessage } from "node:http";

import { isSyncFunction, option, optionError, type OptionRule, readOptions, returns } from "@aivillage/middleware";

import { expressRateLimitOptions } from "./express-rate-limit-options.ts";
import { packageName } from "./package-name.ts";

/** A limit on the cost that one key may cause in any trailing window. `Subject` is what is limited: for `rateLimit()` the request. */
export interface Policy<Subject = IncomingMessage> {
  /** Unique among the policies; goes into headers, responses and events. 1 to 64 letters, digits, `_`, `.`, `-`. */
  name: string;
  /** Most cost accepted in any trailing window: an integer, at least 1. A function may also return 0, which refuses all. */
  limit: number | ((subject: Subject) => number);
  /** Length of the trailing window in milliseconds: an integer, at least 100. */
  windowMs: number;
  /**
   * Who is charged. `undefined`: the policy does not apply. Default: for `rateLimit()` the client's address, IPv6 by its /56
   * network; for `createLimiter()` the subject itself, which must be a string then.
   */
  key?: (subject: Subject) => string | undefined;
  /** What a request or subject costs: an integer, at least 0; 0 only looks whether there is room. Default 1. */
  cost?: number | ((subject: Subject) => number);
  /** Whether the policy applies. Default: to all. */
  when?: (subject: Subject) => boolean;
}

/** The largest integer that a structured field can carry (RFC 9651, 3.3.1). */
export const mostUnits = 999_999_999_999_999;

export function isUnits(value: unknown, min: number): boolean {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= mostUnits;
}

const isName = (value: unknown): boolean => typeof value === "string" && /^[\w.-]{1,64}$/.test(value);

const limitRule = option.custom<number | ((subject: never) => number)>(
  `an integer from 1 to ${mostUnits} or a function that returns one`,
  1,
  (value) => isUnits(value, 1) || isSyncFunction(value),
  returns.value,
);

const windowRule = option.custom<number>(
  "an integer of milliseconds, at least 100",
  100,
  (value) => Number.isSafeInteger(value) && Number(value) >= 100,
);

export const nameRule = (fallback: string) => option.custom<string>("1 to 64 letters, digits, `_`, `.` or `-`", fallback, isName);

const rules = {
  name: nameRule(""),
  limit: limitRule,
  windowMs: windowRule,
  key: option.function<(subject: never) => string | undefined>(undefined),
  cost: option.custom<number | ((subject: never) => number)>(
    `an integer from 0 to ${mostUnits} or a function that returns one`,
    1,
    (value) => isUnits(value, 0) || isSyncFunction(value),
    returns.value,
  ),
  when: option.function<(subject: never) => boolean>(undefined, returns.boolean),
};

/** A policy after reading: `cost` is there, the rest as it was given. */
export type ReadPolicy<Subject> = Policy<Subject> & { readonly cost: number | ((subject: Subject) => number) };

/** Checks one policy; `path` is where it stands in the options. */
function readPolicy<Subject>(given: Policy<Subject>, path: string): ReadPolicy<Subject> {
  if (typeof given !== "object" || given === null) throw optionError(packageName, path, "an object", given);
  // An unknown name first: it may stand for one that is missing.
  const read = readOptions<object, Record<string, OptionRule<unknown>>>(packageName, given, rules, path, expressRateLimitOptions);
  for (const name of ["name", "limit", "windowMs"] as const) {
    if (given[name] === undefined) throw optionError(packageName, `${path}.${name}`, rules[name].expected, undefined);
  }
  return read as unknown as ReadPolicy<Subject>;
}

/** The part of the options that says what is limited: either `limit` and `windowMs`, or `policies`. */
export interface PolicyChoice<Subject> {
  limit?: Policy<Subject>["limit"] | undefined;
  windowMs?: number | undefined;
  policies?: readonly Policy<Subject>[] | undefined;
}

/** The policies of a limiter, checked. */
export function readPolicies<Subject>({ limit, windowMs, policies: given }: PolicyChoice<Subject>): readonly ReadPolicy<Subject>[] {
  if (given === undefined) return [shortForm({ limit, windowMs })];
  if (limit !== undefined) throw optionError(packageName, "limit", "left out when `policies` are given", limit);
  if (windowMs !== undefined) throw optionError(packageName, "windowMs", "left out when `policies` are given", windowMs);
  const policies = given.map((policy, index) => readPolicy(policy, `policies[${index}]`));
  const names = policies.map(({ name }) => name);
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (repeated !== -1) throw optionError(packageName, `policies[${repeated}].name`, "a name that no other policy has", names[repeated]);
  return policies;
}

function shortForm<Subject>({ limit, windowMs }: PolicyChoice<Subject>): ReadPolicy<Subject> {
  if (limit === undefined) throw optionError(packageName, "limit", `${limitRule.expected}, unless \`policies\` are given`, limit);
  if (windowMs === undefined) throw optionError(packageName, "windowMs", windowRule.expected, windowMs);
  return readPolicy({ name: "default", limit, windowMs }, "policies[0]");
}

/** Rules for the members of `PolicyChoice`. */
export const policyRules = {
  limit: option.custom<PolicyChoice<never>["limit"]>(limitRule.expected, undefined, limitRule.accepts),
  windowMs: option.custom<number | undefined>(windowRule.expected, undefined, windowRule.accepts),
  policies: option.custom<readonly Policy<never>[] | undefined>(
    "a list of at least one policy",
    undefined,
    (value) => Array.isArray(value) && value.length > 0,
  ),
};
