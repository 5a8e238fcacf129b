import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { processState } from "../across-copies.ts";

const held = processState("@aivillage/middleware.locked-files", { files: new Set<string>() });

/**
 * Makes sure that one process alone writes a file, by a file beside it that names the process. That of a process that is gone is taken over.
 *
 * @returns releases the file
 * @throws Error if a running process has it
 */
export function lockFile(path: string): () => void {
  const lock = `${resolve(path)}.lock`;
  if (held.files.has(lock)) throw new Error("this process uses it already");
  takeOver(lock);
  held.files.add(lock);
  return () => {
    held.files.delete(lock);
    rmSync(lock, { force: true });
  };
}

function takeOver(lock: string): void {
  const owner = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
  // In a container each process may have the number of the one before.
  if (owner !== process.pid && isRunning(owner)) throw new Error(`process ${owner} uses it; if that is another program, remove ${lock}`);
  rmSync(lock, { force: true });
  // Of two processes that start at once, one fails here.
  writeFileSync(lock, String(process.pid), { flag: "wx", mode: 0o600 });
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
