import type { IncomingMessage } from "node:http";

import { isPlainObject, option, optionError, type OptionRule, readOptions, returns } from "@aivillage/middleware";

import { expressRateLimitOptions } from "./express-rate-limit-options.ts";
import { isExpressRateLimitStore } from "./express/express-rate-limit-store.ts";
import { packageName } from "./package-name.ts";
import type { Penalties } from "./penalty/penalties.ts";
import type { PenaltyOptions } from "./penalty/penalty-options.ts";
import { type Policy, policyRules, readPolicies } from "./policy.ts";
import { isStore, type Store } from "./store.ts";

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
  /** Where the counts are kept; its creator closes it. Default: a new `MemoryStore`. */
  store?: Store;
  /** Whether responses carry `X-RateLimit-*`, `RateLimit-Policy` and `RateLimit`. A refusal has `Retry-After` in any case. Default true. */
  headers?: boolean;
  /** Addresses and networks, such as `192.0.2.0/24`, of clients that are neither counted nor refused: probes and partners. Default: none. */
  allow?: readonly string[];
  /** Further requests that are neither counted nor refused. A string says why, for `rateLimitSkipped`. Default: none. */
  skip?: (req: IncomingMessage) => boolean | string | undefined;
  /** Decides, counts and publishes, but refuses nobody and sends no headers: to try out a limit. Default false. */
  dryRun?: boolean;
  /** A label for events, such as the client's plan; it changes no decision. Default: none. */
  tier?: (req: IncomingMessage) => string | undefined;
  /**
   * Lowers the limits of clients that go far beyond them or are reported; `{}` for the defaults. `Penalties` that were made outside
   * are shared with every other holder, and their creator closes them. Default: nobody is penalised.
   */
  penalty?: PenaltyOptions | Penalties;
}

const storeRule = option.custom<Store | undefined>("an object with the functions decide, refund and reset", undefined, acceptsStore);

function acceptsStore(value: unknown): boolean {
  if (isStore(value)) return true;
  if (!isExpressRateLimitStore(value)) return false;
  const expected = "a store of this package; write `fromExpressRateLimitStore(store)` for one of express-rate-limit";
  throw optionError(packageName, "store", expected, value);
}

export function readRateLimitOptions(given: RateLimitOptions) {
  const rules = {
    limit: policyRules.limit as OptionRule<RateLimitOptions["limit"]>,
    windowMs: policyRules.windowMs,
    policies: policyRules.policies as OptionRule<RateLimitOptions["policies"]>,
    clientIp: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    store: storeRule,
    headers: option.boolean(true),
    allow: option.custom<readonly string[]>("a list of IP addresses, CIDR ranges and names", [], Array.isArray),
    skip: option.function<(req: IncomingMessage) => boolean | string | undefined>(undefined),
    dryRun: option.boolean(false),
    tier: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    penalty: option.custom<PenaltyOptions | Penalties | undefined>("an object", undefined, isPlainObject),
  };
  const options = readOptions<RateLimitOptions, typeof rules>(packageName, given, rules, "", expressRateLimitOptions);
  return { ...options, policies: readPolicies<IncomingMessage>(options) };
}

/** Options of `createLimiter()`: either `limit` and `windowMs`, or `policies`. */
export interface LimiterOptions<Subject = string> {
  /** With `windowMs`: the limit of the one policy `default`, whose key is the subject itself. */
  limit?: number | ((subject: Subject) => number);
  /** With `limit`: the window of that policy in milliseconds, at least 100. */
  windowMs?: number;
  /** One or more policies, decided in one step. */
  policies?: readonly Policy<Subject>[];
  /** Where the counts are kept; its creator closes it. Default: a new `MemoryStore`. */
  store?: Store;
}

export function readLimiterOptions<Subject>(given: LimiterOptions<Subject>) {
  const options = readOptions(packageName, given, {
    limit: policyRules.limit as OptionRule<LimiterOptions<Subject>["limit"]>,
    windowMs: policyRules.windowMs,
    policies: policyRules.policies as OptionRule<LimiterOptions<Subject>["policies"]>,
    store: storeRule,
  });
  return { store: options.store, policies: readPolicies<Subject>(options) };
}
