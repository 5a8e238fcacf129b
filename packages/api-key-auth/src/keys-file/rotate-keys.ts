import { option, readOptions } from "@aivillage/middleware";

import { instantExpected, isInstant } from "../keys/instant.ts";
import { packageName } from "../package-name.ts";
import { findEntries, type KeyEntry, keyState } from "./key-entry.ts";
import { type CreatedKey, formatInstant, instants, makeKey } from "./key-operations.ts";
import { KeysFileError } from "./keys-file-error.ts";
import type { EditableKeys, KeysFileCheck } from "./update-keys-file.ts";

/** Options of `rotateKeys()`. */
export interface RotateKeysOptions {
  /** How long the old key stays valid, in milliseconds. Default 24 hours. */
  overlapMs?: number | undefined;
  /** When the new key ends: a `Date`, ISO 8601 with `Z` or an offset, or `"never"`. Needed when the old key has an end. */
  expiresAt?: Date | string | undefined;
  /** Names the service in the key, as for `createApiKey()`. Default `aiv`. */
  prefix?: string | undefined;
  /** Refuses the changed file for further reasons, as for `followKeysFile()`. Default: no further reasons. */
  check?: KeysFileCheck | undefined;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/** The new key, and when the old ones end. */
export interface Rotation extends CreatedKey {
  readonly replaced: readonly { readonly keyId: string | undefined; readonly endsAt: string }[];
}

const dayMs = 86_400_000;
const rules = {
  overlapMs: option.integer(dayMs, { max: 3_650 * dayMs }),
  expiresAt: option.custom<Date | string | undefined>(`"never", or ${instantExpected}`, undefined, (it) => it === "never" || isInstant(it)),
  prefix: option.custom<string | undefined>("", undefined, () => true),
  check: option.function<KeysFileCheck>(undefined),
  now: option.function<() => number>(() => Date.now()),
};

/**
 * Creates a key with the name, tier, tenant, budgets, scopes and addresses of an old one, which stays valid for the overlap and no longer.
 *
 * When a client has several keys, all of them end so, and the last one in the file passes its members on.
 *
 * @param keyIdOrClient the `keyId` of a key, or the `id` of a client
 * @throws TypeError for a bad option; KeysFileError when there is no such key or it is not valid any more, or the file cannot be changed
 */
export async function rotateKeys(path: string, keyIdOrClient: string, options: RotateKeysOptions = {}): Promise<Rotation> {
  const { overlapMs, expiresAt, prefix, check, now } = readOptions(packageName, options, rules);
  const nowMs = now();
  const { updateKeysFile } = await import("./update-keys-file.ts");
  const { result } = await updateKeysFile(path, { create: false, check }, (keys) => {
    const usable = findEntries(keys.entries, keyIdOrClient).filter((index) => isUsable(at(keys, index), nowMs));
    const last = usable.at(-1);
    if (last === undefined) {
      throw new KeysFileError("unknown-key", ["no key and no client in the file has this name, or none that is still valid"]);
    }
    const created = makeKey(at(keys, last).id, inherited(at(keys, last), expiresAt), { prefix, nowMs });
    const replaced = usable.map((index) => ({ keyId: at(keys, index).keyId, endsAt: endKey(keys, index, nowMs + overlapMs) }));
    keys.add(created.entry);
    return { ...created, replaced };
  });
  return result;
}

function isUsable(entry: KeyEntry, nowMs: number): boolean {
  return ["live", "pending"].includes(keyState(entry, nowMs));
}

function inherited({ name, tier, tenant, budgets, scopes, addresses, expiresAt: oldEnd }: KeyEntry, expiresAt: Date | string | undefined) {
  // A default would make a key that outlives its purpose, or one that ends too soon.
  if (oldEnd !== undefined && expiresAt === undefined) {
    throw new KeysFileError("expiry-required", ["the old key expires: set `expiresAt` of the new one, to an instant or to `never`"]);
  }
  return { name, tier, tenant, budgets, scopes, addresses, ...(expiresAt !== "never" && instants({ expiresAt })) };
}

/** Ends a key at this instant, unless it ends before. One that would start only later is revoked: it has no overlap. */
function endKey(keys: EditableKeys, index: number, endsMs: number): string {
  const { notBefore, expiresAt } = at(keys, index);
  if (expiresAt !== undefined && Date.parse(expiresAt) <= endsMs) return expiresAt;
  const endsAt = formatInstant(endsMs);
  if (notBefore !== undefined && Date.parse(notBefore) >= Date.parse(endsAt)) keys.change(index, { revoked: true });
  else keys.change(index, { expiresAt: endsAt });
  return endsAt;
}

function at({ entries }: EditableKeys, index: number): KeyEntry {
  const entry = entries[index];
  if (entry === undefined) throw new RangeError(`no entry at ${index}`);
  return entry;
}
