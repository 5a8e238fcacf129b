import { CommandError } from "../../../gateway/src/cli/cli-error.ts";
import type { KeysOptions } from "../../../gateway/src/cli/keys/keys-arguments.ts";
import { formatInstant, readDurationMs } from "../../../gateway/src/cli/keys/time.ts";
import type { ApiKeyEntry } from "../../../gateway/src/config/api-keys-file.ts";
import { expiry, makeKey, type NewKey } from "./key-operations.ts";
import { findEntries, stateOf } from "./key-state.ts";
import { type EditableKeys, updateKeysFile } from "./update-keys-file.ts";

/** A new key, and how the old ones end. */
export interface Rotation extends NewKey {
  readonly replaced: readonly { readonly keyId: string | undefined; readonly endsAt: string }[];
}

/**
 * Makes a new key with the attributes of an old one, which stays valid for the overlap and no longer.
 *
 * Of a client with several keys all end so, and the one that stands last in the file passes its attributes on.
 */
export async function rotateKeys(path: string, which: string, options: KeysOptions, nowMs: number): Promise<Rotation> {
  const endsMs = nowMs + readDurationMs(options.overlap ?? "24h", "--overlap");
  return await updateKeysFile(path, { create: false }, (keys) => {
    const usable = findEntries(keys.entries, which).filter((index) => ["live", "pending"].includes(stateOf(at(keys, index), nowMs)));
    const last = usable.at(-1);
    if (last === undefined) throw new CommandError("there is no such key and no such client in the file, or none that is still valid");
    const made = makeSuccessor(at(keys, last), options, nowMs);
    const replaced = usable.map((index) => ({ keyId: at(keys, index).keyId, endsAt: endKey(keys, index, endsMs) }));
    keys.add(made.entry);
    return { ...made, replaced };
  });
}

function makeSuccessor({ id, name, tier, scopes, addresses, expiresAt }: ApiKeyEntry, options: KeysOptions, nowMs: number): NewKey {
  const { expires, prefix } = options;
  // Neither a key that outlives its predecessor's purpose nor one that ends too soon is made by silence.
  if (expiresAt !== undefined && expires === undefined) {
    throw new CommandError("the old key has an end: say when the new one ends, such as --expires 90d, or --expires never", 2);
  }
  const inherited = {
    ...(name !== undefined && { name }),
    ...(tier !== undefined && { tier }),
    ...(scopes !== undefined && { scopes }),
    ...(addresses !== undefined && { addresses }),
  };
  return makeKey(id, { ...inherited, ...expiry(expires, nowMs) }, prefix, nowMs);
}

/** Ends a key at this instant, unless it ends before. One that would begin only later has nothing to overlap with. */
function endKey(keys: EditableKeys, index: number, endsMs: number): string {
  const { notBefore, expiresAt } = at(keys, index);
  if (expiresAt !== undefined && Date.parse(expiresAt) <= endsMs) return expiresAt;
  const endsAt = formatInstant(endsMs);
  if (notBefore !== undefined && Date.parse(notBefore) >= Date.parse(endsAt)) keys.change(index, { revoked: true });
  else keys.change(index, { expiresAt: endsAt });
  return endsAt;
}

function at({ entries }: EditableKeys, index: number): ApiKeyEntry {
  const entry = entries[index];
  if (entry === undefined) throw new RangeError(`no entry at ${index}`);
  return entry;
}
