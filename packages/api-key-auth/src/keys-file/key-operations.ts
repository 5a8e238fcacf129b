import { createApiKey } from "@aivillage/api-key-auth";

import { CommandError } from "../../../gateway/src/cli/cli-error.ts";
import type { KeysOptions } from "../../../gateway/src/cli/keys/keys-arguments.ts";
import { formatInstant, readInstant } from "../../../gateway/src/cli/keys/time.ts";
import { type ApiKeyEntry, isKeyOwner } from "../../../gateway/src/config/api-keys-file.ts";
import { updateKeysFile } from "./update-keys-file.ts";

/** A key that was made, with what to tell about it. */
export interface NewKey {
  readonly key: string;
  readonly entry: ApiKeyEntry;
}

/** Makes a key for a client and writes its digest into the file. */
export async function createKey(path: string, id: string, options: KeysOptions, nowMs: number): Promise<NewKey> {
  if (!isKeyOwner(id)) throw new CommandError("the id of a client must be 1 to 64 letters, digits, `.`, `-` and `_`", 2);
  const made = makeKey(id, attributes(options, nowMs), options.prefix, nowMs);
  await updateKeysFile(path, { create: true }, (keys) => keys.add(made.entry));
  return made;
}

/** A new key with these attributes. @throws CommandError for a bad prefix */
export function makeKey(id: string, members: Partial<ApiKeyEntry>, prefix: string | undefined, nowMs: number): NewKey {
  const { key, keyId, sha256 } = newApiKey(prefix);
  return { key, entry: { id, keyId, sha256, ...members, createdAt: formatInstant(nowMs) } };
}

function newApiKey(prefix: string | undefined) {
  try {
    return createApiKey(prefix === undefined ? {} : { prefix });
  } catch {
    throw new CommandError("--prefix must be 2 to 16 small letters and digits, the first a letter", 2);
  }
}

/** When a key ends, as a member of its entry; none for `never`. */
export function expiry(expires: string | undefined, nowMs: number): Pick<ApiKeyEntry, "expiresAt"> {
  return expires === undefined || expires === "never" ? {} : { expiresAt: readInstant(expires, "--expires", nowMs) };
}

function attributes(options: KeysOptions, nowMs: number): Partial<ApiKeyEntry> {
  const { name, tier, scope, address, expires, "not-before": notBefore } = options;
  return {
    ...(name !== undefined && { name }),
    ...(tier !== undefined && { tier }),
    ...(scope !== undefined && { scopes: scope }),
    ...(address !== undefined && { addresses: address }),
    ...(notBefore !== undefined && { notBefore: readInstant(notBefore, "--not-before", nowMs) }),
    ...expiry(expires, nowMs),
  };
}
