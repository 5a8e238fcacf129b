import type { Penalty } from "@aivillage/rate-limit";

import { table } from "../cli-table.ts";

const { compare } = new Intl.Collator("en", { numeric: true });

/** By address, with numbers in their order. */
export function sortedPenalties(penalties: readonly Penalty[]): Penalty[] {
  return penalties.toSorted((one, other) => compare(one.key, other.key));
}

/** A penalty as JSON shows it. */
export function describePenalty({ key, client, reason, remainingMs }: Penalty): Record<string, unknown> {
  return { address: key, client, reason, seconds: Math.ceil(remainingMs / 1_000) };
}

/** The penalties as a table for people. */
export function penaltiesTable(penalties: readonly Penalty[]): string {
  if (penalties.length === 0) return "No client is under a penalty.\n";
  const rows = penalties.map((penalty) => Object.values(describePenalty(penalty)).map(String));
  return table([["ADDRESS", "CLIENT", "REASON", "SECONDS"], ...rows]);
}
