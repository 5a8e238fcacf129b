import { stateOf } from "../../../../api-key-auth/src/keys-file/key-state.ts";
import type { ApiKeyEntry } from "../../config/api-keys-file.ts";
import { table } from "../table.ts";

/** An entry as JSON shows it: everything but the digest, with its state. */
export function describeEntry(entry: ApiKeyEntry, nowMs: number): Record<string, unknown> {
  const { sha256: _, ...shown } = entry;
  return { ...shown, state: stateOf(entry, nowMs) };
}

/** The entries as a table for people. */
export function keysTable(entries: readonly ApiKeyEntry[], nowMs: number): string {
  const head = ["ID", "KEY ID", "STATE", "TIER", "SCOPES", "EXPIRES", "ADDRESSES", "NAME"];
  return table([head, ...entries.map((entry) => cells(entry, nowMs))]);
}

function cells(entry: ApiKeyEntry, nowMs: number): string[] {
  const { id, keyId = "-", tier = "authenticated", scopes = ["*"], expiresAt = "never", addresses = ["all"], name = "" } = entry;
  return [id, keyId, stateOf(entry, nowMs), tier, scopes.join(",") || "-", expiresAt, addresses.join(","), name];
}
