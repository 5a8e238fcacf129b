import { type KeyEntry } from "./key-entry.ts";

/** Members without which a key opens more, or for longer. */
const restrictions = [
  "revoked",
  "notBefore",
  "expiresAt",
  "addresses",
  "scopes",
  "tier",
  "tenant",
  "budgets",
] as const satisfies readonly (keyof KeyEntry)[];

/** A keys file as text and as entries. */
export interface KeysText {
  readonly text: string;
  readonly entries: readonly KeyEntry[];
}

/**
 * Whether a keys file may have lost its last bytes, and with them the end of an entry. Removing whole entries is fine.
 *
 * It may have when its last line has no end although the previous text had one, or when its last entry has lost a restriction. A comment
 * line at the end says that the file is complete.
 */
export function isCutOff(before: KeysText, now: KeysText): boolean {
  if (before.text.endsWith("\n") && !now.text.endsWith("\n")) return true;
  const lastLine = now.text.trimEnd().split("\n").at(-1) ?? "";
  if (lastLine.trimStart().startsWith("#")) return false;
  const last = now.entries.at(-1);
  const same = last && before.entries.find((entry) => isSameKey(entry, last));
  if (last === undefined || same === undefined) return false;
  const isPart = before.text.startsWith(now.text) && JSON.stringify(last) !== JSON.stringify(same);
  return isPart || restrictions.some((name) => same[name] !== undefined && last[name] === undefined);
}

function isSameKey(one: KeyEntry, other: KeyEntry): boolean {
  if (one.keyId !== undefined && one.keyId === other.keyId) return true;
  return one.sha256.toLowerCase() === other.sha256.toLowerCase();
}
