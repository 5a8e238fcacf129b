import type { Penalty } from "@aivillage/rate-limit";

import { readClientKey } from "./client-key.ts";

const { compare } = new Intl.Collator("en", { numeric: true });

/** By address, with numbers in their order, then by principal: anonymous clients first. */
export function sortedPenalties(penalties: readonly Penalty[]): Penalty[] {
  return penalties.toSorted((one, other) => compare(sortKey(one), sortKey(other)));
}

function sortKey({ key }: Penalty): string {
  const { address, principal = "" } = readClientKey(key);
  return `${address} ${principal}`;
}

/** A penalty as JSON shows it; the clients of an address without a key have no `principal`. */
export function describePenalty({ key, client, reason, remainingMs }: Penalty): Record<string, unknown> {
  return { ...readClientKey(key), client, reason, seconds: Math.ceil(remainingMs / 1_000) };
}
