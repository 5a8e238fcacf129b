import { timingSafeEqual } from "node:crypto";

import { OptionError, recogniseAcrossCopies } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import type { Principal } from "../principal.ts";
import { type ApiKey, type KeyRecord, readApiKey } from "./api-key.ts";
import { describe, digestOf } from "./key-digest.ts";
import { parseApiKey } from "./key-text.ts";

/** What a ring says about a presented token. */
export type KeyVerdict = Principal | "unknown" | "mistyped" | "revoked" | "not-yet-valid" | "expired" | "wrong-address";

/**
 * The keys that are accepted, replaceable while requests are served.
 *
 * Hand it to `apiKeyAuth()` as `keys` and keep it: `replace()` takes effect with the next request. It holds digests only.
 *
 * @throws TypeError for a bad key, or two keys with the same secret
 */
export class KeyRing {
  #records: ReadonlyMap<string, KeyRecord> = new Map();
  #restrictsAddresses = false;

  static {
    recogniseAcrossCopies(this, "@aivillage/api-key-auth.KeyRing");
  }

  constructor(keys: readonly ApiKey[]) {
    this.replace(keys);
  }

  /** How many keys it holds, whether valid at this time or not. */
  get size(): number {
    return this.#records.size;
  }

  /** Whether a key is bound to `addresses`, so that `check()` needs to know where a request comes from. */
  get restrictsAddresses(): boolean {
    return this.#restrictsAddresses;
  }

  /**
   * Puts these keys in place of all others, in one step. When one of them is bad, the keys stay as they were.
   *
   * @throws TypeError as the constructor does
   */
  replace(keys: readonly ApiKey[]): void {
    this.#records = readKeys(keys);
    this.#restrictsAddresses = [...this.#records.values()].some(({ allowsAddress }) => allowsAddress !== undefined);
  }

  /**
   * Whose token this is at the instant `nowMs` (milliseconds since the epoch), or why nobody's.
   *
   * @param address where it was sent from, as text; only keys with `addresses` ask for it
   */
  check(token: string, nowMs: number, address?: string): KeyVerdict {
    const record = this.#find(token);
    if (record !== undefined) return judge(record, nowMs, address);
    return parseApiKey(token) === "mistyped" ? "mistyped" : "unknown";
  }

  /**
   * The lookup may take as long as it likes: how long depends on the digest, of which a client that does not know the key cannot
   * choose a single bit towards the digest of the key. That digest and record belong together is then decided in constant time.
   */
  #find(token: string): KeyRecord | undefined {
    const digest = digestOf(token);
    const record = this.#records.get(digest);
    if (record === undefined) return undefined;
    presented.write(digest, "latin1");
    return timingSafeEqual(presented, record.digestBytes) ? record : undefined;
  }
}

/** Written and read within one call; a buffer for each would cost more than the comparison. */
const presented = Buffer.alloc(64);

function judge({ principal, revoked, notBeforeMs, expiresAtMs, allowsAddress }: KeyRecord, nowMs: number, address?: string): KeyVerdict {
  if (revoked) return "revoked";
  if (nowMs < notBeforeMs) return "not-yet-valid";
  // An invalid clock grants no access.
  if (!(nowMs < expiresAtMs)) return "expired";
  return allowsAddress === undefined || allowsAddress(address) ? principal : "wrong-address";
}

/** Checks keys and reduces them to their records, by digest. @throws TypeError for a bad key, or two keys with the same secret */
export function readKeys(keys: unknown): ReadonlyMap<string, KeyRecord> {
  if (!Array.isArray(keys)) {
    throw new OptionError({ packageName, option: "keys", expected: "an array of keys or a KeyRing", got: describe(keys) });
  }
  const records = new Map<string, KeyRecord>();
  for (const [position, key] of keys.entries()) {
    const record = readApiKey(key as ApiKey, `keys[${position}]`);
    const before = records.size;
    records.set(record.digest, record);
    if (records.size === before) throw sameSecret(`keys[${position}]`);
  }
  return records;
}

function sameSecret(option: string): OptionError {
  const expected = "a key with its own secret";
  return new OptionError({ packageName, option, expected, reason: `option \`${option}\` has the same secret as a key before it` });
}
