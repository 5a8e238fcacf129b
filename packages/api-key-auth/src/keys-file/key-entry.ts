import type { ApiKey } from "../keys/api-key.ts";

/** One entry of a keys file. It holds no key, only the SHA-256 digest of one. */
export interface KeyEntry extends Omit<ApiKey, "secret" | "notBefore" | "expiresAt"> {
  sha256: string;
  /** Refused before this instant: ISO 8601 with `Z` or an offset. Default: valid at once. */
  notBefore?: string;
  /** Refused from this instant on; same form. Default: never. */
  expiresAt?: string;
  /** When `createKey()` or `rotateKeys()` made it; for people. */
  createdAt?: string;
}

/** Whether a key is accepted at an instant, and why not. */
export type KeyState = "live" | "pending" | "expired" | "revoked";

/** The state of a key at the instant `nowMs`, in milliseconds since the epoch. */
export function keyState({ revoked, notBefore, expiresAt }: KeyEntry, nowMs: number): KeyState {
  if (revoked === true) return "revoked";
  if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) return "expired";
  return notBefore !== undefined && Date.parse(notBefore) > nowMs ? "pending" : "live";
}

/** The entries as `KeyRing` takes them. */
export function toApiKeys(entries: readonly KeyEntry[]): ApiKey[] {
  return entries.map((entry) => {
    const { createdAt: _, ...key } = entry;
    return key;
  });
}

/** The positions of the entries with this key id, or of all entries of this client. */
export function findEntries(entries: readonly KeyEntry[], keyIdOrClient: string): number[] {
  const byKeyId = entries.flatMap(({ keyId }, index) => (keyId === keyIdOrClient ? [index] : []));
  return byKeyId.length > 0 ? byKeyId : entries.flatMap(({ id }, index) => (id === keyIdOrClient ? [index] : []));
}

/** Whether a value can be the `id` of an entry. It appears in logs. */
export function isClientId(id: unknown): id is string {
  return typeof id === "string" && /^[\w.-]{1,64}$/.test(id);
}
