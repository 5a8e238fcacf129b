import { type KeysFileCheck, KeysFileError, rotateKeys, type Rotation } from "@aivillage/api-key-auth/keys-file";

import { describeEntry } from "../../state/describe-key.ts";
import { CommandError } from "../cli-error.ts";
import { type CliIo, show } from "../cli-io.ts";
import { keysCheck } from "./check-keys.ts";
import { type ChangeFlags, keysFileOf, say } from "./keys-flags.ts";
import { readDurationMs, readInstant } from "./time.ts";

/** The flags of `keys rotate`. */
export interface RotateFlags extends ChangeFlags {
  readonly overlap?: string;
  readonly expires?: string;
  readonly prefix?: string;
}

/** `keys rotate`: makes a key in place of an old one, which stays valid for the overlap, and prints it. */
export async function rotate(which: string, options: RotateFlags, io: CliIo): Promise<number> {
  const path = keysFileOf(options, io);
  const nowMs = (io.now ?? Date.now)();
  const { key, entry, replaced } = await rotated(path, which, { ...options, check: keysCheck(path, options, io) }, nowMs);
  for (const { keyId, endsAt } of replaced) say(io, `The old key ${keyId ?? "without key id"} of ${entry.id} ends at ${endsAt}.`);
  say(io, `The new key ${entry.keyId} of ${entry.id} is in ${path}. It is shown only this once:`);
  show(io, options, `${key}\n`, { ...describeEntry(entry, nowMs), key, replaced });
  return 0;
}

interface RotateHow extends RotateFlags {
  readonly check: KeysFileCheck | undefined;
}

async function rotated(path: string, which: string, { overlap, expires, prefix, check }: RotateHow, nowMs: number): Promise<Rotation> {
  try {
    return await rotateKeys(path, which, {
      overlapMs: readDurationMs(overlap ?? "24h", "--overlap"),
      expiresAt: expires === undefined || expires === "never" ? expires : readInstant(expires, "--expires", nowMs),
      prefix,
      check,
      now: () => nowMs,
    });
  } catch (error) {
    if (!(error instanceof KeysFileError) || error.code !== "expiry-required") throw error;
    throw new CommandError("the old key expires: say when the new one ends, such as --expires 90d or --expires never", 2);
  }
}
