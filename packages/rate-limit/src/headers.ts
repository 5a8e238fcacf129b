import type { ServerResponse } from "node:http";

import type { PolicyResult, RateLimitResult } from "./result.ts";

/** Whole seconds, rounded up: who waits so long has waited long enough. */
export function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

/**
 * Writes the `X-RateLimit-*` fields and the `RateLimit` fields of draft-ietf-httpapi-ratelimit-headers-10.
 *
 * A wait that never ends has no number: its reset is left out.
 */
export function writeHeaders(res: ServerResponse, result: RateLimitResult): void {
  const { policy, limit, remaining, resetMs } = result;
  const reset = Number.isFinite(resetMs) ? toSeconds(resetMs) : undefined;
  res.setHeader("X-RateLimit-Limit", limit);
  res.setHeader("X-RateLimit-Remaining", remaining);
  if (reset !== undefined) res.setHeader("X-RateLimit-Reset", reset);
  res.setHeader("RateLimit-Policy", result.policies.map(policyItem).join(", "));
  res.setHeader("RateLimit", reset === undefined ? `"${policy}";r=${remaining}` : `"${policy}";r=${remaining};t=${reset}`);
}

function policyItem({ policy, limit, windowMs }: PolicyResult): string {
  return `"${policy}";q=${limit};w=${toSeconds(windowMs)}`;
}
