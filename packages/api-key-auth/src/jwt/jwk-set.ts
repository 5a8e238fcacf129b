import type { webcrypto } from "node:crypto";

import type { createRemoteJWKSet, FlattenedJWSInput, JWSHeaderParameters } from "jose";

import { jwkSetChanged } from "../events.ts";
import { packageName } from "../package-name.ts";
import { type JwkSetOptions, type JwkSetSettings, readJwkSetOptions } from "./jwk-set-options.ts";
import { fetchText, readTextFile, reasonOf } from "./load-text.ts";
import { usableKeys } from "./usable-keys.ts";

type RemoteSet = ReturnType<typeof createRemoteJWKSet>;

/** No keys have been loaded, or they are too old to be used. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** Time between attempts as long as there are no keys at all. */
const firstRetryMs = 5_000;

/**
 * The public keys of an issuer, loaded with the first token that needs them.
 *
 * Keys are loaded again in the background when they have reached `maxAgeMs`, and at once when a token names a key that is not among
 * them, but never more often than `cooldownMs` allows. While the issuer is down, the keys in hand stay in use.
 *
 * @throws TypeError for an unknown or bad option, and for a file that holds no usable keys
 */
export class JwkSet {
  /** Where the keys come from, for logs: the file, or the URL without its query. */
  readonly source: string;
  readonly #settings: JwkSetSettings;
  #remote: Promise<RemoteSet> | undefined;
  #loadedAtMs = -Infinity;
  #retryAtMs = -Infinity;
  #state: "loaded" | "failed" | undefined;

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

  /**
   * The key that verifies a token.
   *
   * @throws KeysUnavailable, and the errors of jose for a token that none or several of the keys fit
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<webcrypto.CryptoKey> {
    const set = await this.#set();
    const ageMs = performance.now() - this.#loadedAtMs;
    if (ageMs > this.#settings.maxStaleMs) await set.reload();
    else if (ageMs > this.#settings.maxAgeMs && !set.reloading) set.reload().catch(keepKeys);
    try {
      return await set(header, token);
    } catch (error) {
      // The token names an unknown key, and the issuer cannot be asked whether that one is new.
      if (error instanceof KeysUnavailable) throw new (await import("jose")).errors.JWKSNoMatchingKey();
      throw error;
    }
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
      const keys = usableKeys(url === undefined ? readTextFile(file, maxBytes) : await fetchText(address, init, maxBytes));
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
    if (jwkSetChanged.heard) jwkSetChanged.publish({ source: this.source, state, keys, reason });
  }
}

function checkFile(file: string, maxBytes: number): void {
  try {
    usableKeys(readTextFile(file, maxBytes));
  } catch (error) {
    const { message } = error as Error;
    throw new TypeError(`${packageName}: option \`file\` must be a file with a JWK Set (RFC 7517): ${file}: ${message}`, { cause: error });
  }
}

function keepKeys(): void {
  // `#load()` has published why they could not be loaded.
}
