import type { ApiKeyEntry } from "../../../gateway/src/config/api-keys-file.ts";

/** What a key is good for at an instant. */
export type KeyState = "live" | "pending" | "expired" | "revoked";

export function stateOf({ revoked, notBefore, expiresAt }: ApiKeyEntry, nowMs: number): KeyState {
  if (revoked === true) return "revoked";
  if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) return "expired";
  return notBefore !== undefined && Date.parse(notBefore) > nowMs ? "pending" : "live";
}

/** The places of the entries with this key id, or of all of this client. */
export function findEntries(entries: readonly ApiKeyEntry[], which: string): number[] {
  const byKey = entries.flatMap(({ keyId }, index) => (keyId === which ? [index] : []));
  return byKey.length > 0 ? byKey : entries.flatMap(({ id }, index) => (id === which ? [index] : []));
}
