import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import { lock } from "proper-lockfile";

import { KeysFileError } from "./keys-file-error.ts";

/** A lock that its holder has not renewed for so long is free: its holder was killed. */
export const abandonedAfterMs = 5_000;
const everyMs = 20;

/** The lock of a keys file, held by this process. */
export interface KeysFileLock {
  /** When a command that was killed took the lock, in milliseconds since the epoch; `undefined` if the lock was free. */
  readonly abandonedAtMs: number | undefined;
  readonly release: () => Promise<void>;
}

/**
 * Waits until no other command changes the file, and keeps others from changing it until `release()`.
 *
 * The lock is a folder beside the file, whose time the holder renews. What a killed command has left is taken over by the next one.
 *
 * @throws KeysFileError when another command holds it for longer than `withinMs`
 */
export async function lockKeysFile(path: string, withinMs = 2 * abandonedAfterMs): Promise<KeysFileLock> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const takenAtMs = await stat(`${path}.lock`).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    const release = await tryLock(path);
    if (release !== undefined) return { abandonedAtMs: isAbandoned(takenAtMs) ? takenAtMs : undefined, release };
    if (performance.now() > deadline) {
      throw new KeysFileError("locked", [`${path} is being changed by another command: try again when it has finished`]);
    }
    await delay(everyMs);
  }
}

function isAbandoned(takenAtMs: number | undefined): boolean {
  return takenAtMs !== undefined && Date.now() - takenAtMs > abandonedAfterMs;
}

async function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  try {
    // A process that was suspended for long may lose its lock. It finds out when it compares the file before it writes.
    const release = await lock(path, { realpath: false, stale: abandonedAfterMs, onCompromised: () => undefined });
    return () => release().catch(() => undefined);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOCKED") return undefined;
    throw error;
  }
}
