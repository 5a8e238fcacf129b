import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import type { Charge, Decision, Verdict } from "./store.ts";

/** What one policy says about the request. The key is left out: it may be a secret. */
export interface PolicyResult extends Verdict {
  readonly policy: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly cost: number;
}

/** What was decided about the request. The members of a policy are those of the most restrictive one. */
export interface RateLimitResult extends PolicyResult {
  /** False only where somebody sees a refused request: in an error handler, or behind a dry run. */
  readonly allowed: boolean;
  /** Milliseconds after which the same request passes; 0 when it was allowed, `Infinity` when it never will. */
  readonly retryAfterMs: number;
  /** True when the limits were lowered because of a penalty. */
  readonly penalised: boolean;
  /** Every policy that applied. */
  readonly policies: readonly PolicyResult[];
}

const result = requestValue<RateLimitResult>("@aivillage/rate-limit.result");

/**
 * What `rateLimit()` decided about this request; of several, the last one.
 *
 * `undefined` when none has run, the request was skipped, or no policy applied.
 */
export function getRateLimit(req: IncomingMessage): RateLimitResult | undefined {
  return result.get(req);
}

export function setRateLimit(req: IncomingMessage, value: RateLimitResult): void {
  result.set(req, value);
}

/** What a decision means for the charges that were asked for, of which there is at least one. */
export function toResult(charges: readonly Charge[], { allowed, verdicts }: Decision, penalised = false): RateLimitResult {
  const policies = charges.map((charge, index) => toPolicyResult(charge, verdicts[index]));
  const { policy, limit, windowMs, cost, exceeded, remaining, resetMs } = policies.reduce(stricter);
  const retryAfterMs = allowed ? 0 : resetMs;
  return { policy, limit, windowMs, cost, exceeded, remaining, resetMs, allowed, retryAfterMs, penalised, policies };
}

function toPolicyResult({ policy, limit, windowMs, cost }: Charge, verdict: Verdict | undefined): PolicyResult {
  if (verdict === undefined) throw new Error(`@aivillage/rate-limit: the store gave no verdict on policy "${policy}"`);
  const { exceeded, remaining, resetMs } = verdict;
  return { policy, limit, windowMs, cost, exceeded, remaining, resetMs };
}

function stricter(one: PolicyResult, other: PolicyResult): PolicyResult {
  return isStricter(other, one) ? other : one;
}

/** An exceeded policy before one with room; of exceeded ones the longest wait, of the others the least that is left. */
function isStricter(one: PolicyResult, other: PolicyResult): boolean {
  if (one.exceeded !== other.exceeded) return one.exceeded;
  return one.exceeded || one.remaining === other.remaining ? one.resetMs > other.resetMs : one.remaining < other.remaining;
}
