import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { CommandError } from "../../../gateway/src/cli/cli-error.ts";

const everyMs = 20;

/**
 * Waits until no other command writes the file, and keeps others off until the returned function is called.
 *
 * The lock is a file beside it, made only if there is none. One that a killed command has left is never taken over, since that
 * cannot be done without a moment in which two hold it; the error says who made it.
 *
 * @throws CommandError when it is not free within `withinMs`
 */
export async function lockFile(path: string, withinMs = 5_000): Promise<() => void> {
  const lock = `${path}.lock`;
  const deadline = performance.now() + withinMs;
  while (!tryLock(lock)) {
    if (performance.now() > deadline) throw new CommandError(lockedMessage(path, lock));
    await delay(everyMs);
  }
  return () => rmSync(lock, { force: true });
}

function tryLock(lock: string): boolean {
  try {
    const file = openSync(lock, "wx", 0o600);
    writeSync(file, `${process.pid}\n`);
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function lockedMessage(path: string, lock: string): string {
  return `${path} is being written by process ${ownerOf(lock)}: try again, or remove ${lock} if that process is gone`;
}

function ownerOf(lock: string): string {
  try {
    return /^\d+/.exec(readFileSync(lock, "utf8"))?.[0] ?? "unknown";
  } catch {
    return "unknown";
  }
}
