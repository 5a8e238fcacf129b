import type { webcrypto } from "node:crypto";

import { OptionError, recogniseAcrossCopies } from "@aivillage/middleware";
import type { createRemoteJWKSet, errors, FlattenedJWSInput, JWSHeaderParameters } from "jose";

import { jwkSetChanged } from "../events.ts";
import { packageName } from "../package-name.ts";
import { type JwkSetOptions, type JwkSetSettings, readJwkSetOptions } from "./jwk-set-options.ts";
import { fetchText, readTextFile, reasonOf } from "./load-text.ts";
import { keyIds, usableKeys } from "./usable-keys.ts";

type RemoteSet = ReturnType<typeof createRemoteJWKSet>;

/** No keys have been loaded, or they are too old to be used. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";

  static {
    recogniseAcrossCopies(this, "@aivillage/api-key-auth.KeysUnavailable");
  }
}

/** Time between attempts as long as there are no keys at all. */
const firstRetryMs = 5_000;
/** A token that does not name its key is tried with as many. */
const mostFitting = 4;
/** Names of keys that are remembered. */
const mostNamed = 1_000;

/**
 * The public keys of an issuer, loaded with the first token that needs them.
 *
 * Keys are loaded again in the background when they have reached `maxAgeMs`, and at once when a token names a key that is not among
 * them, but never more often than `cooldownMs` allows. While the issuer is down, the keys in hand stay in use.
 *
 * @throws OptionError for an unknown or bad option, and for a file that holds no usable keys
 */
export class JwkSet {
  /** Where the keys come from, for logs: the file, or the URL without its query. */
  readonly source: string;
  readonly #settings: JwkSetSettings;
  #remote: Promise<RemoteSet> | undefined;
  #loadedAtMs = -Infinity;
  #retryAtMs = -Infinity;
  #state: "loaded" | "failed" | undefined;
  /** Keys that are or were in the set, usable or not, and those that it did not have when it was loaded for them. */
  #namedKeys = new Set<string>();

  static {
    recogniseAcrossCopies(this, "@aivillage/api-key-auth.JwkSet");
  }

  constructor(options: JwkSetOptions) {
    this.#settings = readJwkSetOptions(options);
    const { url, file = "", maxBytes } = this.#settings;
    this.source = url === undefined ? file : url.origin + url.pathname;
    if (url === undefined) checkFile(file, maxBytes);
  }

  /** Loads the keys now, so that no request waits for them. Resolves whether that succeeded. */
  async ready(): Promise<boolean> {
    try {
      await (await this.#set()).reload();
      return true;
    } catch {
      return false;
    }
  }

  /** Time until the keys may be loaded again, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, Math.max(this.#retryAtMs, this.#loadedAtMs + this.#settings.cooldownMs) - performance.now());
  }

  /**
   * The keys of which one verifies a token: the one that it names, or the few that fit.
   *
   * @throws KeysUnavailable, also when it names a key that may be newer than the set, and the errors of jose when none or too many fit
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<webcrypto.CryptoKey[]> {
    const askedAtMs = performance.now();
    const set = await this.#set();
    const ageMs = askedAtMs - this.#loadedAtMs;
    if (ageMs > this.#settings.maxStaleMs) await set.reload();
    else if (ageMs > this.#settings.maxAgeMs && !set.reloading) set.reload().catch(keepKeys);
    const { errors } = await import("jose");
    try {
      return [await set(header, token)];
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return fewOf(error);
      if (this.#loadedAtMs !== -Infinity && (error instanceof errors.JWKSNoMatchingKey || error instanceof KeysUnavailable)) {
        throw this.#isSettled(header.kid, askedAtMs) ? new errors.JWKSNoMatchingKey() : new KeysUnavailable("the key may be a new one");
      }
      throw error;
    }
  }

  /** Whether the issuer has, or had, said what it has to say of a key that is not in the set. */
  #isSettled(kid: string | undefined, askedAtMs: number): boolean {
    if (kid === undefined || this.#namedKeys.has(kid)) return true;
    if (this.#loadedAtMs < askedAtMs) return false;
    if (this.#namedKeys.size < 2 * mostNamed) this.#namedKeys.add(kid);
    return true;
  }

  #set(): Promise<RemoteSet> {
    return (this.#remote ??= this.#make());
  }

  async #make(): Promise<RemoteSet> {
    const { createRemoteJWKSet, customFetch } = await import("jose");
    const { url = new URL("file:///"), cooldownMs, timeoutMs } = this.#settings;
    return createRemoteJWKSet(url, {
      cooldownDuration: cooldownMs,
      timeoutDuration: timeoutMs,
      // Old keys are better than none: `find()` says when they are due.
      cacheMaxAge: Infinity,
      [customFetch]: (address: string, init: RequestInit) => this.#load(address, init),
    });
  }

  async #load(address: string, init: RequestInit): Promise<Response> {
    if (performance.now() < this.#retryAtMs) throw new KeysUnavailable("the last attempt has just failed");
    try {
      const { url, file = "", maxBytes } = this.#settings;
      const text = url === undefined ? readTextFile(file, maxBytes) : await fetchText(address, init, maxBytes);
      const keys = usableKeys(text);
      this.#namedKeys = new Set([...keyIds(text), ...this.#namedKeys].slice(0, mostNamed));
      this.#loadedAtMs = performance.now();
      this.#become("loaded", keys.length);
      return Response.json({ keys });
    } catch (error) {
      const retryMs = this.#loadedAtMs === -Infinity ? Math.min(firstRetryMs, this.#settings.cooldownMs) : this.#settings.cooldownMs;
      this.#retryAtMs = performance.now() + retryMs;
      this.#become("failed", 0, reasonOf(error));
      throw new KeysUnavailable("the keys cannot be loaded", { cause: error });
    }
  }

  #become(state: "loaded" | "failed", keys: number, reason?: string): void {
    if (state === this.#state) return;
    this.#state = state;
    if (jwkSetChanged.hasSubscribers) jwkSetChanged.publish({ source: this.source, state, keys, reason });
  }
}

async function fewOf(several: errors.JWKSMultipleMatchingKeys): Promise<webcrypto.CryptoKey[]> {
  const keys: webcrypto.CryptoKey[] = [];
  for await (const key of several) if (keys.push(key) > mostFitting) throw several;
  return keys;
}

function checkFile(file: string, maxBytes: number): void {
  try {
    usableKeys(readTextFile(file, maxBytes));
  } catch (error) {
    const { message } = error as Error;
    const expected = "a file with a JWK Set (RFC 7517)";
    throw new OptionError({
      packageName,
      option: "file",
      expected,
      reason: `option \`file\` must be ${expected}: ${file}: ${message}`,
      cause: error,
    });
  }
}

function keepKeys(): void {
  // `#load()` has published why they could not be loaded.
}
