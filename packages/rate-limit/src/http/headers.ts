import type { ServerResponse } from "node:http";

import type { RateLimitResult } from "../result.ts";
import type { Charge } from "../store.ts";

/** Whole seconds, rounded up, so that a client that waits for them has waited long enough. */
export function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

/**
 * Makes the function that writes the `X-RateLimit-*` fields and the `RateLimit` fields of draft-ietf-httpapi-ratelimit-headers-10.
 *
 * A wait that never ends has no number: its reset is left out.
 */
export function headerWriter(): (res: ServerResponse, result: RateLimitResult, charges: readonly Charge[]) => void {
  const policyFieldOf = policyFields();
  // The parts of `RateLimit` that are mostly those of the request before: the fewer parts, the cheaper to check for Node.
  let [lastPolicy, start] = ["", ""];
  let [lastSeconds, end] = [Number.NaN, ""];

  return function writeHeaders(res, { policy, limit, remaining, resetMs }, charges) {
    if (policy !== lastPolicy) [lastPolicy, start] = [policy, `"${policy}";r=`];
    res.setHeader("X-RateLimit-Limit", limit);
    res.setHeader("X-RateLimit-Remaining", remaining);
    res.setHeader("RateLimit-Policy", policyFieldOf(charges));
    if (resetMs === Infinity) return void res.setHeader("RateLimit", start + remaining);
    const seconds = toSeconds(resetMs);
    if (seconds !== lastSeconds) [lastSeconds, end] = [seconds, `;t=${seconds}`];
    res.setHeader("X-RateLimit-Reset", seconds);
    res.setHeader("RateLimit", start + (remaining + end));
  };
}

const mostKnown = 16;

/** Makes the function that gives the value of `RateLimit-Policy`: composed once for each set of policies, of which there are few. */
function policyFields(): (charges: readonly Charge[]) => string {
  const known: { readonly charges: readonly Charge[]; readonly field: string }[] = [];
  let composed = 0;

  return function policyFieldOf(charges) {
    for (const one of known) if (isAdvertisedAlike(charges, one.charges)) return one.field;
    const field = charges.map(({ policy, limit, windowMs }) => `"${policy}";q=${limit};w=${toSeconds(windowMs)}`).join(", ");
    known[composed % mostKnown] = { charges, field };
    composed += 1;
    return field;
  };
}

/** Equal names have equal windows, as they are policies of one handler. */
function isAdvertisedAlike(some: readonly Charge[], others: readonly Charge[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) {
    if (some[index]?.policy !== others[index]?.policy || some[index]?.limit !== others[index]?.limit) return false;
  }
  return true;
}
