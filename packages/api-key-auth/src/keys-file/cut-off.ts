import type { ApiKey } from "@aivillage/api-key-auth";

/** Members without which a key opens more, or for longer. */
const restrictions = ["revoked", "notBefore", "expiresAt", "addresses", "scopes", "tier"] as const satisfies readonly (keyof ApiKey)[];

/** What a keys file holds. */
interface KeysText {
  readonly text: string;
  readonly keys: readonly ApiKey[];
}

/**
 * Whether a keys file may have lost its last bytes, and with them the end of an entry. To remove whole entries is fine.
 *
 * It looks so when its last line is open, which that of the one in force was not, or when its last entry was there before with a
 * restriction that it has no more. A comment line at the end says that the file is complete.
 */
export function isCutOff(before: KeysText, now: KeysText): boolean {
  if (before.text.endsWith("\n") && !now.text.endsWith("\n")) return true;
  const lastLine = now.text.trimEnd().split("\n").at(-1) ?? "";
  if (lastLine.trimStart().startsWith("#")) return false;
  const last = now.keys.at(-1);
  const same = last && before.keys.find((key) => isSame(key, last));
  if (last === undefined || same === undefined) return false;
  const isPart = before.text.startsWith(now.text) && JSON.stringify(last) !== JSON.stringify(same);
  return isPart || restrictions.some((name) => same[name] !== undefined && last[name] === undefined);
}

function isSame(one: ApiKey, other: ApiKey): boolean {
  if (one.keyId !== undefined && one.keyId === other.keyId) return true;
  return one.sha256 !== undefined && one.sha256.toLowerCase() === other.sha256?.toLowerCase();
}
