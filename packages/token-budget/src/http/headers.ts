import type { ServerResponse } from "node:http";

import type { BudgetStanding } from "../events.ts";
import { isCurrency } from "../money/units.ts";
import type { Span } from "../time/period.ts";

/** A budget that applied, and its period. */
export interface AppliedStanding {
  readonly standing: BudgetStanding;
  readonly span: Span;
}

/**
 * Adds the budgets to the `RateLimit` fields of draft-ietf-httpapi-ratelimit-headers-10, and writes the fields that OpenAI and its like
 * send. Money is left out: the fields are for counts.
 */
export function writeHeaders(res: ServerResponse, applied: readonly AppliedStanding[]): void {
  const counted = applied.filter(({ standing }) => !isCurrency(standing.unit));
  const [first] = counted;
  if (first === undefined) return;
  const least = counted.reduce((before, each) => (each.standing.remaining < before.standing.remaining ? each : before), first);
  for (const { standing, span } of counted) {
    const seconds = Math.ceil((span.endMs - span.startMs) / 1_000);
    append(res, "RateLimit-Policy", `"${standing.budget}";q=${standing.limit};w=${seconds};qu="${quotaUnit(standing)}"`);
  }
  append(res, "RateLimit", `"${least.standing.budget}";r=${least.standing.remaining};t=${secondsLeft(least)}`);
  const tokens = counted.filter(({ standing }) => standing.unit !== "calls");
  if (tokens.length > 0) writeTokens(res, tokens);
}

function writeTokens(res: ServerResponse, tokens: readonly AppliedStanding[]): void {
  const least = tokens.reduce((before, each) => (each.standing.remaining < before.standing.remaining ? each : before));
  res.setHeader("X-RateLimit-Limit-Tokens", String(least.standing.limit));
  res.setHeader("X-RateLimit-Remaining-Tokens", String(least.standing.remaining));
  res.setHeader("X-RateLimit-Reset-Tokens", `${secondsLeft(least)}s`);
}

/** The draft registers no unit for tokens, so these are ours. */
function quotaUnit({ unit }: BudgetStanding): string {
  return unit === "calls" ? "requests" : `aivillage-${unit}`;
}

function secondsLeft({ span }: AppliedStanding): number {
  return Math.max(0, Math.ceil((span.endMs - Date.now()) / 1_000));
}

/** A rate limit may have written the same fields. */
function append(res: ServerResponse, name: string, value: string): void {
  const before = res.getHeader(name);
  res.setHeader(name, before === undefined ? value : `${String(before)}, ${value}`);
}
