import { FileSnapshot, followFiles, option, readOptions } from "@aivillage/middleware";

import type { ApiKey } from "../keys/api-key.ts";
import { KeyRing } from "../keys/key-ring.ts";
import { packageName } from "../package-name.ts";
import { isCutOff, type KeysText } from "./cut-off.ts";
import { toApiKeys } from "./key-entry.ts";
import { KeysFileError } from "./keys-file-error.ts";
import { parseKeysFile } from "./parse-keys-file.ts";
import type { KeysFileCheck } from "./update-keys-file.ts";

/** Options of `followKeysFile()`. */
export interface FollowKeysFileOptions {
  /** Keys to accept beside those of the file, such as one from the environment. Default: none. */
  otherKeys?: readonly ApiKey[];
  /** How often the file is looked at, in milliseconds. A change takes effect after two looks that agree. Default 200. */
  everyMs?: number;
  /** Refuses a file for further reasons: gets its entries and returns its problems. Default: no further reasons. */
  check?: KeysFileCheck | undefined;
  /** The file in use, where another process has accepted it already; it is judged as a change of that. Default: read now. */
  inForce?: FileSnapshot | undefined;
  /** Called when the keys of a changed file are in use, with their number. */
  onReplaced?: (count: number) => void;
  /** Called when a changed file is refused; the previous keys stay in use. The same problem is reported once. */
  onRefused?: (error: Error) => void;
}

/** The keys of a file, as it is at any time. */
export interface FollowedKeysFile {
  /** Give it to `apiKeyAuth()` as `keys`. */
  readonly ring: KeyRing;
  /** The file that the keys of the ring come from. */
  readonly inForce: FileSnapshot;
  /** Stops following; the keys stay as they are. */
  close(): void;
}

/**
 * Reads a keys file and follows it: keys that are created, rotated or revoked take effect without a restart, in every process that
 * follows the file.
 *
 * A file that is not valid, or looks cut off, is refused as a whole. Its timer keeps no process alive.
 *
 * @throws KeysFileError for a file that is missing or not valid at the start, and TypeError for a bad option
 */
export function followKeysFile(path: string, options: FollowKeysFileOptions = {}): FollowedKeysFile {
  const { otherKeys, everyMs, check, inForce: known, onReplaced, onRefused } = readOptions(packageName, options, rules);
  let inForce = known ?? FileSnapshot.of([path]);
  const ring = new KeyRing(accepted(inForce));

  function accepted(files: FileSnapshot): ApiKey[] {
    const { entries } = readKeys(files, path);
    const problems = check?.(entries) ?? [];
    if (problems.length > 0) throw new KeysFileError("invalid", problems);
    return [...toApiKeys(entries), ...otherKeys];
  }

  function apply(found: FileSnapshot): void {
    const keys = accepted(found);
    if (isCutOff(readKeys(inForce, path), readKeys(found, path))) throw cutOff(path);
    ring.replace(keys);
    inForce = found;
    onReplaced?.(ring.size);
  }

  const followed = followFiles({ everyMs, inForce: () => inForce, apply, onRefused: (error) => onRefused?.(error) });
  return {
    ring,
    get inForce() {
      return inForce;
    },
    close: () => followed.close(),
  };
}

const rules = {
  otherKeys: option.custom<readonly ApiKey[]>("a list of keys", [], Array.isArray),
  everyMs: option.integer(200, { min: 1, max: 3_600_000 }),
  check: option.function<KeysFileCheck>(undefined),
  inForce: option.custom<FileSnapshot | undefined>("a FileSnapshot", undefined, (value) => value instanceof FileSnapshot),
  onReplaced: option.notified<NonNullable<FollowKeysFileOptions["onReplaced"]>>(undefined),
  onRefused: option.notified<NonNullable<FollowKeysFileOptions["onRefused"]>>(undefined),
};

function readKeys(files: FileSnapshot, path: string): KeysText {
  const content = files.look(path);
  if ("text" in content) return { text: content.text, entries: parseKeysFile(content.text, path) };
  const remedy = "check that it exists and that this user may read it";
  throw new KeysFileError("unreadable", [`The keys file ${path} cannot be read (${content.code}): ${remedy}`]);
}

function cutOff(path: string): KeysFileError {
  const remedy = "complete it, or add a comment line at its end to confirm that it is complete";
  return new KeysFileError("invalid", [`${path} looks cut off within its last entry: ${remedy}`]);
}
