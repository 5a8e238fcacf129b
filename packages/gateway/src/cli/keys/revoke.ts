import { revokeKeys } from "@aivillage/api-key-auth/keys-file";

import type { CliIo } from "../cli-io.ts";
import { type KeysFlags, keysFileOf, show } from "./keys-flags.ts";

/** `keys revoke`: revokes a key, or all keys of a client. */
export async function revoke(which: string, options: KeysFlags, io: CliIo): Promise<number> {
  const revoked = await revokeKeys(keysFileOf(options, io), which);
  const text = revoked.map(({ id, keyId }) => `Revoked ${keyId ?? "the key without key id"} of ${id}.\n`).join("");
  show(io, options, text, { revoked: revoked.map(({ id, keyId }) => ({ id, keyId })) });
  return 0;
}
