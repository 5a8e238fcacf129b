import type { ApiKeyEntry } from "../config/api-keys-file.ts";
import { stateOf } from "./key-state.ts";

/** An entry as JSON shows it: everything but the digest, with its state. */
export function describeEntry(entry: ApiKeyEntry, nowMs: number): Record<string, unknown> {
  const { sha256: _, ...shown } = entry;
  return { ...shown, state: stateOf(entry, nowMs) };
}

/** The entries as a table for people. */
export function keysTable(entries: readonly ApiKeyEntry[], nowMs: number): string {
  const head = ["ID", "KEY ID", "STATE", "TIER", "SCOPES", "EXPIRES", "ADDRESSES", "NAME"];
  const rows = [head, ...entries.map((entry) => cells(entry, nowMs))];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function cells(entry: ApiKeyEntry, nowMs: number): string[] {
  const { id, keyId = "-", tier = "authenticated", scopes = ["*"], expiresAt = "never", addresses = ["all"], name = "" } = entry;
  const texts = [id, keyId, stateOf(entry, nowMs), tier, scopes.join(",") || "-", expiresAt, addresses.join(","), name];
  return texts.map(printable);
}

/** What somebody wrote into the file must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?");
}
