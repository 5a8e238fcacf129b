import type { IncomingMessage } from "node:http";

import { option, type OptionRule, readOptions } from "@aivillage/middleware";

import { type PenaltyOptions, readPenaltyOptions } from "./penalty/penalty-options.ts";
import { type Policy, policyRules, readPolicies } from "./policy.ts";
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
  /** Requests that are neither counted nor refused, such as those of probes and partners. Default: none. */
  skip?: (req: IncomingMessage) => boolean;
  /** Decides, counts and publishes, but refuses nobody and sends no headers: to try out a limit. Default false. */
  dryRun?: boolean;
  /** A label for events, such as the client's plan; it changes no decision. Default: none. */
  tier?: (req: IncomingMessage) => string | undefined;
  /** Lowers the limits of clients that go far beyond them or are reported; `{}` for the defaults. Default: nobody is penalised. */
  penalty?: PenaltyOptions;
}

const storeRule = option.custom<Store | undefined>("an object with the functions decide, refund and reset", undefined, isStore);

export function readRateLimitOptions(given: RateLimitOptions) {
  const options = readOptions(packageName, given, {
    limit: policyRules.limit as OptionRule<RateLimitOptions["limit"]>,
    windowMs: policyRules.windowMs,
    policies: policyRules.policies as OptionRule<RateLimitOptions["policies"]>,
    clientIp: option.function<(req: IncomingMessage) => string | undefined>(undefined),
    store: storeRule,
    headers: option.boolean(true),
    skip: option.function<(req: IncomingMessage) => boolean>(undefined),
    dryRun: option.boolean(false),
    tier: option.function<(req: IncomingMessage) => string | undefined>(undefined),
    penalty: option.custom<PenaltyOptions | undefined>("an object", undefined, (value) => typeof value === "object" && value !== null),
  });
  return { ...options, policies: readPolicies<IncomingMessage>(options), penalty: options.penalty && readPenaltyOptions(options.penalty) };
}

/** Options of `createLimiter()`: either `limit` and `windowMs`, or `policies`. */
export interface LimiterOptions<Subject = string> {
  /** With `windowMs`: the limit of the one policy `default`, whose key is the subject itself. */
  limit?: number | ((subject: Subject) => number);
  /** With `limit`: the window of that policy in milliseconds, at least 100. */
  windowMs?: number;
  /** One or more policies, decided in one step. */
  policies?: readonly Policy<Subject>[];
  /** Where the counts are kept; whoever made it closes it. Default: a new `MemoryStore`. */
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

function isStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { decide, refund, reset } = value as Partial<Record<keyof Store, unknown>>;
  return [decide, refund, reset].every((member) => typeof member === "function");
}
