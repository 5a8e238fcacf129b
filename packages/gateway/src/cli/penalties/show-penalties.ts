import type { Penalty } from "@aivillage/rate-limit";

import { readClientKey } from "../../state/client-key.ts";
import { table } from "../table.ts";

/** The penalties as a table for people. */
export function penaltiesTable(penalties: readonly Penalty[]): string {
  if (penalties.length === 0) return "No client is penalised.\n";
  const rows = penalties.map(({ key, client, reason, remainingMs }) => {
    const { address, principal = "(anonymous)" } = readClientKey(key);
    return [address, principal, client, reason, String(Math.ceil(remainingMs / 1_000))];
  });
  return table([["ADDRESS", "PRINCIPAL", "CLIENT", "REASON", "SECONDS"], ...rows]);
}
