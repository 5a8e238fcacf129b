import type { ServerResponse } from "node:http";

import type { PolicyResult, RateLimitResult } from "./result.ts";

/** Whole seconds, rounded up: who waits so long has waited long enough. */
export function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

/**
 * Makes the function that writes the `X-RateLimit-*` fields and the `RateLimit` fields of draft-ietf-httpapi-ratelimit-headers-10.
 *
 * A wait that never ends has no number: its reset is left out. `RateLimit-Policy` is composed anew only when it differs from the
 * one before.
 */
export function headerWriter(): (res: ServerResponse, result: RateLimitResult) => void {
  let last: readonly PolicyResult[] = [];
  let policyField = "";

  function policyFieldOf(policies: readonly PolicyResult[]): string {
    if (!isAdvertisedAlike(policies, last)) {
      policyField = policies.map(({ policy, limit, windowMs }) => `"${policy}";q=${limit};w=${toSeconds(windowMs)}`).join(", ");
      last = policies;
    }
    return policyField;
  }

  return function writeHeaders(res, { policy, limit, remaining, resetMs, policies }) {
    const reset = Number.isFinite(resetMs) ? String(toSeconds(resetMs)) : undefined;
    const left = String(remaining);
    res.setHeader("X-RateLimit-Limit", String(limit));
    res.setHeader("X-RateLimit-Remaining", left);
    if (reset !== undefined) res.setHeader("X-RateLimit-Reset", reset);
    res.setHeader("RateLimit-Policy", policyFieldOf(policies));
    res.setHeader("RateLimit", reset === undefined ? `"${policy}";r=${left}` : `"${policy}";r=${left};t=${reset}`);
  };
}

/** Equal names have equal windows, as they are policies of one handler. */
function isAdvertisedAlike(some: readonly PolicyResult[], others: readonly PolicyResult[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) {
    if (some[index]?.policy !== others[index]?.policy || some[index]?.limit !== others[index]?.limit) return false;
  }
  return true;
}
