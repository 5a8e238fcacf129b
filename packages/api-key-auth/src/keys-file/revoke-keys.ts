import { findEntries } from "./key-state.ts";
import { updateKeysFile } from "./update-keys-file.ts";
import { CommandError } from "../../../gateway/src/cli/cli-error.ts";
import type { ApiKeyEntry } from "../../../gateway/src/config/api-keys-file.ts";

/** Revokes a key, or all of a client, and tells which. Their entries stay, so that a use of them is told as such. */
export async function revokeKeys(path: string, which: string): Promise<readonly ApiKeyEntry[]> {
  return await updateKeysFile(path, { create: false }, (keys) => {
    const found = findEntries(keys.entries, which);
    if (found.length === 0) throw new CommandError("there is no such key and no such client in the file");
    for (const index of found) keys.change(index, { revoked: true });
    return keys.entries.filter((_, index) => found.includes(index));
  });
}
