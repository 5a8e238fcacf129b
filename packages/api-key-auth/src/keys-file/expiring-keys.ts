import { type KeyEntry, keyState } from "./key-entry.ts";

/** A key that is accepted now, and ends. */
export interface ExpiringKey {
  readonly keyId: string;
  /** The client. */
  readonly id: string;
  readonly expiresAtMs: number;
}

const dayMs = 86_400_000;
/** Later ends are nobody's concern yet, and a file may hold many keys. */
const [mostDays, mostKeys] = [30, 100];

/** The keys that are accepted now and end within 30 days, the next first and at most a hundred of them: for warnings and metrics. */
export function expiringKeys(entries: readonly KeyEntry[], nowMs: number): readonly ExpiringKey[] {
  return entries
    .flatMap((entry) => {
      const expiresAtMs = Date.parse(entry.expiresAt ?? "");
      const isSoon = expiresAtMs <= nowMs + mostDays * dayMs && keyState(entry, nowMs) === "live";
      return isSoon ? { keyId: entry.keyId ?? "", id: entry.id, expiresAtMs } : [];
    })
    .toSorted((one, other) => one.expiresAtMs - other.expiresAtMs)
    .slice(0, mostKeys);
}
