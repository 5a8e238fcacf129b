import { type KeyEntry, keyState } from "@aivillage/api-key-auth/keys-file";

import { table } from "../table.ts";

/** The entries as a table for people. */
export function keysTable(entries: readonly KeyEntry[], nowMs: number): string {
  const head = ["ID", "KEY ID", "STATE", "TIER", "SCOPES", "EXPIRES", "ADDRESSES", "NAME"];
  return table([head, ...entries.map((entry) => cells(entry, nowMs))]);
}

function cells(entry: KeyEntry, nowMs: number): string[] {
  const { id, keyId = "-", tier = "authenticated", scopes = ["*"], expiresAt = "never", addresses = ["all"], name = "" } = entry;
  return [id, keyId, keyState(entry, nowMs), tier, scopes.join(",") || "-", expiresAt, addresses.join(","), name];
}
