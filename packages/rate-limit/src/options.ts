import type { IncomingMessage } from "node:http";

import { option, optionError, readOptions } from "@aivillage/middleware";

import { limitRule, type Policy, type ReadPolicy, readPolicy, windowRule } from "./policy.ts";
import type { Store } from "./store.ts";

const packageName = "@aivillage/rate-limit";

/** Options of `rateLimit()`: either `limit` and `windowMs`, or `policies`. */
export interface RateLimitOptions {
  /** With `windowMs`: the limit of the one policy `default`, whose key is the client's address. */
  limit?: number | ((req: IncomingMessage) => number);
  /** With `limit`: the window of that policy in milliseconds, at least 100. */
  windowMs?: number;
  /** One or more policies, decided in one step: a request passes when all of them have room, and is charged to all or none. */
  policies?: readonly Policy[];
  /**
   * The client's address, for policies without `key`. It must come from a source that the client cannot write.
   * Default: the remote address of the socket; no header is read.
   */
  clientIp?: (req: IncomingMessage) => string | undefined;
  /** Where the counts are kept; whoever made it closes it. Default: a new `MemoryStore`. */
  store?: Store;
  /** Whether answers carry `X-RateLimit-*`, `RateLimit-Policy` and `RateLimit`. A refusal has `Retry-After` in any case. Default true. */
  headers?: boolean;
  /** Requests that are neither counted nor refused. Default: none. */
  skip?: (req: IncomingMessage) => boolean;
  /** Decides, counts and publishes, but refuses nobody and sends no headers: to try out a limit. Default false. */
  dryRun?: boolean;
  /** A label for events, such as the client's plan; it changes no decision. Default: none. */
  tier?: (req: IncomingMessage) => string | undefined;
}

export function readRateLimitOptions(given: RateLimitOptions) {
  const options = readOptions(packageName, given, {
    limit: option.custom<RateLimitOptions["limit"]>(limitRule.expected, undefined, limitRule.accepts),
    windowMs: option.custom<number | undefined>(windowRule.expected, undefined, windowRule.accepts),
    policies: option.custom<readonly Policy[] | undefined>("a list of at least one policy", undefined, isFilledArray),
    clientIp: option.function<(req: IncomingMessage) => string | undefined>(undefined),
    store: option.custom<Store | undefined>("an object with the functions decide, refund and reset", undefined, isStore),
    headers: option.boolean(true),
    skip: option.function<(req: IncomingMessage) => boolean>(undefined),
    dryRun: option.boolean(false),
    tier: option.function<(req: IncomingMessage) => string | undefined>(undefined),
  });
  return { ...options, policies: options.policies === undefined ? [shortForm(options)] : readPolicies(options.policies, options) };
}

type ShortForm = Pick<RateLimitOptions, "limit" | "windowMs">;
type Found = { [K in keyof ShortForm]-?: RateLimitOptions[K] | undefined };

function shortForm({ limit, windowMs }: Found): ReadPolicy {
  if (limit === undefined) throw optionError(packageName, "limit", `${limitRule.expected}, unless \`policies\` are given`, limit);
  if (windowMs === undefined) throw optionError(packageName, "windowMs", windowRule.expected, windowMs);
  return readPolicy({ name: "default", limit, windowMs }, "policies[0]");
}

function readPolicies(given: readonly Policy[], { limit, windowMs }: Found): readonly ReadPolicy[] {
  if (limit !== undefined) throw optionError(packageName, "limit", "left out when `policies` are given", limit);
  if (windowMs !== undefined) throw optionError(packageName, "windowMs", "left out when `policies` are given", windowMs);
  const policies = given.map((policy, index) => readPolicy(policy, `policies[${index}]`));
  const names = policies.map(({ name }) => name);
  const repeated = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (repeated !== -1) throw optionError(packageName, `policies[${repeated}].name`, "a name that no other policy has", names[repeated]);
  return policies;
}

function isFilledArray(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function isStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { decide, refund, reset } = value as Partial<Record<keyof Store, unknown>>;
  return [decide, refund, reset].every((member) => typeof member === "function");
}
