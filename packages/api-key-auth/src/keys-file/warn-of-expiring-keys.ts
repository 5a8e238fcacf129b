import { option, optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { type ExpiringKey, expiringKeys } from "./expiring-keys.ts";
import type { KeyEntry } from "./key-entry.ts";
import { KeysFileError } from "./keys-file-error.ts";

/** Options of `warnOfExpiringKeys()`. */
export interface ExpiryWarningsOptions {
  /**
   * The entries as they are now, such as those of `readKeysFile()`. Asked at once and every hour. While the file is not valid, which
   * `followKeysFile()` reports, nothing is warned of.
   */
  entries: () => readonly KeyEntry[];
  /** Receives a key that ends soon: once a day, until it has a successor or has ended. `daysLeft` is rounded down. */
  warn: (key: ExpiringKey & { readonly daysLeft: number }) => void;
  /** How many days before its end a key is reported, at most 30. Default 14. */
  withinDays?: number;
}

const dayMs = 86_400_000;
/** A key that is made with a short life is reported on the day it is made. */
const lookEveryMs = 3_600_000;

/**
 * Reports keys that end soon, now and then once a day for each. Its timer keeps no process alive.
 *
 * @returns the function that stops it
 * @throws OptionError for an unknown or bad option
 */
export function warnOfExpiringKeys(options: ExpiryWarningsOptions): () => void {
  const { entries, warn, withinDays } = readWarningOptions(options);
  const due = dueWarnings(withinDays);
  const look = (): void => {
    const nowMs = Date.now();
    for (const key of due(expiringKeys(validEntries(entries), nowMs), nowMs)) warn(key);
  };
  look();
  const timer = setInterval(look, lookEveryMs).unref();
  return () => clearInterval(timer);
}

function readWarningOptions(given: Partial<ExpiryWarningsOptions>): Required<ExpiryWarningsOptions> {
  const { entries, warn, withinDays } = readOptions(packageName, given, {
    entries: option.function<ExpiryWarningsOptions["entries"]>(undefined),
    warn: option.notified<ExpiryWarningsOptions["warn"]>(undefined),
    withinDays: option.integer(14, { min: 1, max: 30 }),
  });
  if (entries === undefined) throw optionError(packageName, "entries", "a function", entries);
  if (warn === undefined) throw optionError(packageName, "warn", "a function", warn);
  return { entries, warn, withinDays };
}

function validEntries(entries: ExpiryWarningsOptions["entries"]): readonly KeyEntry[] {
  try {
    return entries();
  } catch (error) {
    if (error instanceof KeysFileError) return [];
    throw error;
  }
}

/** Makes what chooses those of these keys that end within so many days and were not chosen within a day. */
export function dueWarnings(withinDays: number): (keys: readonly ExpiringKey[], nowMs: number) => (ExpiringKey & { daysLeft: number })[] {
  let warned = new Map<string, number>();
  return (keys, nowMs) => {
    const near = keys.filter(({ expiresAtMs }) => expiresAtMs <= nowMs + withinDays * dayMs);
    const known = warned;
    warned = new Map();
    return near.flatMap(({ keyId, id, expiresAtMs }) => {
      const name = `${keyId} ${id}`;
      const lastMs = known.get(name) ?? -Infinity;
      const isDue = nowMs - lastMs >= dayMs;
      warned.set(name, isDue ? nowMs : lastMs);
      return isDue ? { keyId, id, expiresAtMs, daysLeft: Math.floor((expiresAtMs - nowMs) / dayMs) } : [];
    });
  };
}
