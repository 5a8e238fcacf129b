import { timingSafeEqual } from "node:crypto";

import { type ApiKey, type KeyRecord, readApiKey } from "./api-key.ts";
import { describe, digestOf } from "./key-digest.ts";
import { packageName } from "./package-name.ts";
import type { Principal } from "./principal.ts";

/** What a ring says about a presented token. */
export type KeyVerdict = Principal | "unknown" | "not-yet-valid" | "expired";

/**
 * The keys that are accepted, replaceable while requests are served.
 *
 * Hand it to `apiKeyAuth()` as `keys` and keep it: `replace()` takes effect with the next request. It holds digests only.
 *
 * @throws TypeError for a bad key, or two keys with the same secret
 */
export class KeyRing {
  #records: ReadonlyMap<string, KeyRecord>;

  constructor(keys: readonly ApiKey[]) {
    this.#records = readKeys(keys);
  }

  /** How many keys it holds, whether valid at this time or not. */
  get size(): number {
    return this.#records.size;
  }

  /**
   * Puts these keys in place of all others, in one step. When one of them is bad, the keys stay as they were.
   *
   * @throws TypeError as the constructor does
   */
  replace(keys: readonly ApiKey[]): void {
    this.#records = readKeys(keys);
  }

  /** Whose token this is at the instant `nowMs` (milliseconds since the epoch), or why nobody's. */
  check(token: string, nowMs: number): KeyVerdict {
    const digest = digestOf(token);
    const record = this.#records.get(digest);
    // What the lookup tells by its time is about digests, which a client cannot steer; equality is decided in constant time.
    if (record === undefined || !timingSafeEqual(Buffer.from(digest, "hex"), record.digestBytes)) return "unknown";
    if (nowMs < record.notBeforeMs) return "not-yet-valid";
    return nowMs < record.expiresAtMs ? record.principal : "expired";
  }
}

function readKeys(keys: unknown): ReadonlyMap<string, KeyRecord> {
  if (!Array.isArray(keys)) {
    throw new TypeError(`${packageName}: option \`keys\` must be an array of keys or a KeyRing, got ${describe(keys)}`);
  }
  const records = new Map<string, KeyRecord>();
  for (const [position, key] of keys.entries()) {
    const record = readApiKey(key as ApiKey, `keys[${position}]`);
    const before = records.size;
    records.set(record.digest, record);
    if (records.size === before) throw new TypeError(`${packageName}: option \`keys[${position}]\` has the same secret as a key before it`);
  }
  return records;
}
