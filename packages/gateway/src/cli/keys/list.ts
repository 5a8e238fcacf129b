import { type KeyEntry, readKeysFile } from "@aivillage/api-key-auth/keys-file";

import { describeEntry } from "../../state/describe-key.ts";
import { type CliIo, show } from "../cli-io.ts";
import { type KeysFlags, keysFileOf, say } from "./keys-flags.ts";
import { keysTable } from "./show-keys.ts";

/** `keys list`: prints the keys with their states, without digests. */
export function list(options: KeysFlags, io: CliIo): number {
  const nowMs = (io.now ?? Date.now)();
  const entries = readEntries(options, io);
  const described = entries.map((entry) => describeEntry(entry, nowMs));
  show(io, options, keysTable(entries, nowMs), described);
  return 0;
}

/** The entries of the keys file. Warns when others may read or write it. */
export function readEntries(options: KeysFlags, io: CliIo): readonly KeyEntry[] {
  const { entries, accessProblem } = readKeysFile(keysFileOf(options, io));
  if (accessProblem !== undefined) say(io, accessProblem);
  return entries;
}
