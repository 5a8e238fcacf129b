import { defined, option, optionError, readOptions } from "@aivillage/middleware";

import type { KeyBudget } from "../key-budget.ts";
import { instantExpected, isInstant, toMs } from "../keys/instant.ts";
import { describe } from "../keys/key-digest.ts";
import { createApiKey } from "../keys/key-text.ts";
import { packageName } from "../package-name.ts";
import { findEntries, isClientId, type KeyEntry } from "./key-entry.ts";
import { KeysFileError } from "./keys-file-error.ts";
import type { KeysFileCheck } from "./update-keys-file.ts";

/** Options of `createKey()`. */
export interface CreateKeyOptions {
  /** The client that the key is for: 1 to 64 letters, digits, `.`, `-` and `_`. It appears in logs. */
  id: string;
  /** For people. Default: none. */
  name?: string | undefined;
  /** What the client is entitled to, for rate limits. Default: `authenticated`. */
  tier?: string | undefined;
  /** The organisation that the client belongs to. Default: none. */
  tenant?: string | undefined;
  /** How much of budgets the client may use. Default: as others. */
  budgets?: readonly KeyBudget[] | undefined;
  /** What the client may do. Default: everything. */
  scopes?: readonly string[] | undefined;
  /** IP addresses and CIDR ranges that the key may be used from. Default: from everywhere. */
  addresses?: readonly string[] | undefined;
  /** Refused before this instant: a `Date`, or ISO 8601 with `Z` or an offset. Default: valid at once. */
  notBefore?: Date | string | undefined;
  /** Refused from this instant on; same forms. Default: never. */
  expiresAt?: Date | string | undefined;
  /** Names the service in the key, as for `createApiKey()`. Default `aiv`. */
  prefix?: string | undefined;
  /** Refuses the changed file for further reasons, as for `followKeysFile()`. Default: no further reasons. */
  check?: KeysFileCheck | undefined;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/** Options of `revokeKeys()`. */
export interface RevokeKeysOptions {
  /** Finds further problems in the changed file, as for `followKeysFile()`. Default: no further problems. */
  check?: KeysFileCheck | undefined;
}

/** The entries that were revoked. */
export interface Revocation {
  readonly revoked: readonly KeyEntry[];
  /** Why servers refuse the file, and keep the keys that they had before. The revocation takes effect when these are fixed. */
  readonly problems: readonly string[];
}

/** A new key with its entry in the file. */
export interface CreatedKey {
  /** What the client sends. It is not stored: hand it over and forget it. */
  readonly key: string;
  readonly entry: KeyEntry;
}

const anything = (): boolean => true;
const optionalInstant = option.custom<Date | string | undefined>(instantExpected, undefined, isInstant);

// Without a check here: the entry is checked as a whole before the file is written.
const rules = {
  id: option.custom<string>("", "", anything),
  name: option.custom<string | undefined>("", undefined, anything),
  tier: option.custom<string | undefined>("", undefined, anything),
  tenant: option.custom<string | undefined>("", undefined, anything),
  budgets: option.custom<readonly KeyBudget[] | undefined>("", undefined, anything),
  scopes: option.custom<readonly string[] | undefined>("", undefined, anything),
  addresses: option.custom<readonly string[] | undefined>("", undefined, anything),
  notBefore: optionalInstant,
  expiresAt: optionalInstant,
  prefix: option.custom<string | undefined>("", undefined, anything),
  check: option.function<KeysFileCheck>(undefined),
  now: option.function<() => number>(() => Date.now()),
};

/**
 * Creates a key for a client and adds its digest to the file. A file that does not exist is created with mode 0600.
 *
 * @throws TypeError for a bad option; KeysFileError when the file cannot be changed, or would be refused afterwards. It is then unchanged
 */
export async function createKey(path: string, options: CreateKeyOptions): Promise<CreatedKey> {
  const { id, prefix, check, now, notBefore, expiresAt, ...members } = readOptions(packageName, options, rules);
  // Somebody may pass the key itself: it is not shown.
  if (!isClientId(id)) throw optionError(packageName, "id", "1 to 64 letters, digits, `.`, `-` and `_`", describe(id));
  const created = makeKey(id, { ...members, ...instants({ notBefore, expiresAt }) }, { prefix, nowMs: now() });
  const { updateKeysFile } = await import("./update-keys-file.ts");
  await updateKeysFile(path, { create: true, check }, (keys) => keys.add(created.entry));
  return created;
}

/**
 * Revokes a key, or all keys of a client. Their entries stay in the file, so that a use is reported as `revoked`.
 *
 * A revocation is written even if other entries are not valid. Servers refuse such a file, which `problems` reports.
 *
 * @param keyIdOrClient the `keyId` of a key, or the `id` of a client
 * @throws TypeError for a bad option; KeysFileError when there is no such key, or the file cannot be changed
 */
export async function revokeKeys(path: string, keyIdOrClient: string, options: RevokeKeysOptions = {}): Promise<Revocation> {
  const { check } = readOptions(packageName, options, { check: rules.check });
  const { updateKeysFile } = await import("./update-keys-file.ts");
  const { result, problems } = await updateKeysFile(path, { create: false, check, mustBeValid: false }, (keys) => {
    const found = findEntries(keys.entries, keyIdOrClient);
    if (found.length === 0) throw new KeysFileError("unknown-key", ["no key and no client in the file has this name"]);
    for (const index of found) keys.change(index, { revoked: true });
    return keys.entries.filter((_, index) => found.includes(index));
  });
  return { revoked: result, problems };
}

/** A new key with these members in its entry. @throws TypeError for a bad prefix */
export function makeKey(id: string, members: Partial<Record<keyof KeyEntry, unknown>>, how: { prefix: string | undefined; nowMs: number }) {
  const { key, keyId, sha256 } = createApiKey(how.prefix === undefined ? {} : { prefix: how.prefix });
  const given = defined(members) as Partial<KeyEntry>;
  return { key, entry: { id, keyId, sha256, ...given, createdAt: formatInstant(how.nowMs) } };
}

/** Instants as the file holds them. */
export function instants(given: Record<string, Date | string | undefined>): Partial<KeyEntry> {
  const set = Object.entries(given).filter((entry): entry is [string, Date | string] => entry[1] !== undefined);
  return Object.fromEntries(set.map(([name, instant]) => [name, formatInstant(toMs(instant))]));
}

/** ISO 8601 in UTC, rounded down to the second. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
