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

export function setRateLimit(req: IncomingMessage, charges: readonly Charge[], decision: Decision): RateLimitResult {
  const value = toResult(charges, decision);
  result.set(req, value);
  return value;
}

function toResult(charges: readonly Charge[], { allowed, verdicts }: Decision): RateLimitResult {
  const policies = charges.map(({ policy, limit, windowMs, cost }, index): PolicyResult => {
    const verdict = verdicts[index];
    if (verdict === undefined) throw new Error(`@aivillage/rate-limit: the store gave no verdict on policy "${policy}"`);
    const { exceeded, remaining, resetMs } = verdict;
    return { policy, limit, windowMs, cost, exceeded, remaining, resetMs };
  });
  const first = policies.reduce((one, other) => (isStricter(other, one) ? other : one));
  return { ...first, allowed, retryAfterMs: allowed ? 0 : first.resetMs, policies };
}

/** An exceeded policy before one with room; of exceeded ones the longest wait, of the others the least that is left. */
function isStricter(one: PolicyResult, other: PolicyResult): boolean {
  if (one.exceeded !== other.exceeded) return one.exceeded;
  return one.exceeded || one.remaining === other.remaining ? one.resetMs > other.resetMs : one.remaining < other.remaining;
}
