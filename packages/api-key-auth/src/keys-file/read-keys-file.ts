import { readFileSync, type Stats, statSync } from "node:fs";

import type { KeyEntry } from "./key-entry.ts";
import { KeysFileError } from "./keys-file-error.ts";
import { assertAccepted, parseKeysFile } from "./parse-keys-file.ts";

/** The entries of a keys file, and what is wrong with its access. */
export interface ReadKeysFile {
  readonly entries: readonly KeyEntry[];
  /** Says that others may read or write the file, and what to do; `undefined` when they may not. */
  readonly accessProblem: string | undefined;
}

/** Reads and checks a keys file. @throws KeysFileError when it is missing or not valid */
export function readKeysFile(path: string): ReadKeysFile {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw missingFile(path);
  const entries = parseKeysFile(readFileSync(path, "utf8"), path);
  assertAccepted(entries, path);
  return { entries, accessProblem: accessProblem(path, stats) };
}

export function missingFile(path: string): KeysFileError {
  return new KeysFileError("unreadable", [`The keys file ${path} does not exist: create a key to create it`]);
}

/** Anyone who can write the file can grant themselves access; anyone who can read it can look for weak keys by their digests. */
export function accessProblem(path: string, { mode }: Pick<Stats, "mode">): string | undefined {
  // The group may read it: that is how many services get their secrets.
  const [othersWrite, everybodyReads] = [(mode & 0o022) !== 0, (mode & 0o004) !== 0];
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  if (othersWrite) return `The keys file ${path} may be written by others (mode ${shown}): run chmod go-w,o-r ${path}`;
  if (everybodyReads) return `The keys file ${path} may be read by everybody (mode ${shown}): run chmod o-r ${path}`;
  return undefined;
}
