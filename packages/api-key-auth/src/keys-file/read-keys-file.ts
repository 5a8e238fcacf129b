import { existsSync, readFileSync } from "node:fs";

import { fileAccess } from "@aivillage/middleware";

import type { KeyEntry } from "./key-entry.ts";
import { KeysFileError } from "./keys-file-error.ts";
import { assertAccepted, parseKeysFile } from "./parse-keys-file.ts";

/** The entries of a keys file, and what is wrong with its access. */
export interface ReadKeysFile {
  readonly entries: readonly KeyEntry[];
  /** Says that others may read or write the file, and what to do; `undefined` when they may not, and on Windows, where files have no modes. */
  readonly accessProblem: string | undefined;
}

/** Reads and checks a keys file. @throws KeysFileError when it is missing or not valid */
export function readKeysFile(path: string): ReadKeysFile {
  if (!existsSync(path)) throw missingFile(path);
  const entries = parseKeysFile(readFileSync(path, "utf8"), path);
  assertAccepted(entries, path);
  return { entries, accessProblem: accessProblem(path) };
}

export function missingFile(path: string): KeysFileError {
  return new KeysFileError("unreadable", [`The keys file ${path} does not exist: create a key to create it`]);
}

/** Anyone who can write the file can grant themselves access; anyone who can read it can look for weak keys by their digests. */
export function accessProblem(path: string): string | undefined {
  const { mode, othersWrite, everybodyReads } = fileAccess(path) ?? {};
  if (othersWrite === true) return `The keys file ${path} may be written by others (mode ${mode}): run chmod go-w,o-r ${path}`;
  if (everybodyReads === true) return `The keys file ${path} may be read by everybody (mode ${mode}): run chmod o-r ${path}`;
  return undefined;
}
