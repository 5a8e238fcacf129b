import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, renameSync, rmSync, type Stats, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Puts a text in place of a file, so that a reader finds the old or the new one and never a part, even after a power failure.
 *
 * The caller holds the lock of the file. A new file gets mode 0600; one that exists keeps its mode and its owner.
 */
export function writeAtomically(path: string, text: string, before: Stats | undefined): void {
  const temporary = `${path}.tmp`;
  // What a killed command has left; the lock keeps others from making it now.
  rmSync(temporary, { force: true });
  try {
    writeDurably(temporary, text, before);
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeDurably(path: string, text: string, before: Stats | undefined): void {
  const file = openSync(path, "wx", 0o600);
  try {
    if (before !== undefined) keepAccess(file, before);
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function keepAccess(file: number, { mode, uid, gid }: Stats): void {
  if (uid !== process.geteuid?.() || gid !== process.getegid?.()) fchownSync(file, uid, gid);
  fchmodSync(file, mode & 0o777);
}

/** The name of the file is durable only when its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
