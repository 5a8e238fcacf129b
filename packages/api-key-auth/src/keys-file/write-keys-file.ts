import type { Stats } from "node:fs";
import { chown, readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { folderToSync } from "@aivillage/middleware";
import writeFileAtomic from "write-file-atomic";

import { abandonedAfterMs } from "./lock-keys-file.ts";

/**
 * Replaces a file in one step: readers find the old or the new text and never a part, even after a power failure. The caller holds its lock.
 *
 * A new file gets mode 0600. An existing one keeps its mode, owner and group, or is not replaced.
 */
export async function writeKeysFile(path: string, text: string, before: Stats | undefined): Promise<void> {
  const folder = folderToSync(path);
  try {
    if (before === undefined) await writeFileAtomic(path, text, { mode: 0o600 });
    // The library alone would write a file of another owner, which the server may not be able to read.
    else await writeFileAtomic(path, text, { tmpfileCreated: async (temporary) => await chown(temporary, before.uid, before.gid) });
    // Without this, a power failure could undo a revocation that was reported as done.
    await folder.sync();
  } finally {
    folder.close();
  }
}

/**
 * Removes the temporary file of a command that was killed while it wrote. The library names it `keys.yaml.` and a random number, as people
 * may name a copy: only what was written while the command held the lock is removed.
 */
export async function removeTemporaryFiles(path: string, lockedAtMs: number): Promise<void> {
  const names = (await readdir(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.`) && /\.\d+$/.test(name));
  for (const name of names) {
    const file = join(dirname(path), name);
    const { mtimeMs } = await stat(file);
    if (Math.abs(mtimeMs - lockedAtMs) <= abandonedAfterMs) await rm(file);
  }
}
