import { type KeyEntry, keyState } from "@aivillage/api-key-auth/keys-file";

import { table } from "../table.ts";

/** An entry as JSON shows it: everything but the digest, with its state. */
export function describeEntry(entry: KeyEntry, nowMs: number): Record<string, unknown> {
  const { sha256: _, ...shown } = entry;
  return { ...shown, state: keyState(entry, nowMs) };
}

/** The entries as a table for people. */
export function keysTable(entries: readonly KeyEntry[], nowMs: number): string {
  const head = ["ID", "KEY ID", "STATE", "TIER", "SCOPES", "EXPIRES", "ADDRESSES", "NAME"];
  return table([head, ...entries.map((entry) => cells(entry, nowMs))]);
}

function cells(entry: KeyEntry, nowMs: number): string[] {
  const { id, keyId = "-", tier = "authenticated", scopes = ["*"], expiresAt = "never", addresses = ["all"], name = "" } = entry;
  return [id, keyId, keyState(entry, nowMs), tier, scopes.join(",") || "-", expiresAt, addresses.join(","), name];
}
