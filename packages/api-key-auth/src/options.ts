import { option, optionError, readOptions } from "@aivillage/middleware";

import type { ApiKey } from "./api-key.ts";
import { describe } from "./key-digest.ts";
import { KeyRing } from "./key-ring.ts";
import { packageName } from "./package-name.ts";

/** Options of `apiKeyAuth()`. */
export interface ApiKeyAuthOptions {
  /** The keys that are accepted, or a `KeyRing` whose keys can be replaced while requests are served. May be empty only with `jwt`. */
  keys: readonly ApiKey[] | KeyRing;
  /** Accepts signed tokens beside the keys. Default: none are. */
  jwt?: JwtOptions;
  /** Sent in `WWW-Authenticate`, printable ASCII without quotes and backslashes. Default `api`. */
  realm?: string;
  /**
   * `false`: a request without good credentials is refused at once. `true`: it goes on without a principal, and
   * `requirePrincipal()` refuses it later; what stands between, such as a rate limit, sees it first. Default `false`.
   */
  deferRefusal?: boolean;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  now?: () => number;
}

/** HS256 tokens (RFC 7519). `exp` and `sub` are required; `nbf`, `scope`, `tier` and `name` are read when present. */
export interface JwtOptions {
  /** Shared with the issuer, at least 32 bytes (RFC 7518, 3.2). Required. */
  secret: string;
  /** What the claim `iss` must be. Default: it is not looked at. */
  issuer?: string;
  /** What the claim `aud` must be or contain. Default: it is not looked at. */
  audience?: string;
  /** How far clocks may differ when `exp` and `nbf` are compared, in milliseconds. Default 0. */
  clockToleranceMs?: number;
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const anything = (): boolean => true;

export function readApiKeyAuthOptions(given: ApiKeyAuthOptions) {
  const { keys, jwt, ...rest } = readOptions(packageName, given, {
    // Checked where they are read, by errors that do not show what came.
    keys: option.custom<readonly ApiKey[] | KeyRing>("", [], anything),
    jwt: option.custom<JwtOptions | undefined>("", undefined, anything),
    realm: option.custom<string>(
      "printable ASCII without quotes and backslashes",
      "api",
      (value) => typeof value === "string" && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value),
    ),
    deferRefusal: option.boolean(false),
    now: option.custom<() => number>("a function", Date.now, (value) => typeof value === "function"),
  });
  const ring = keys instanceof KeyRing ? keys : new KeyRing(keys);
  if (Array.isArray(keys) && keys.length === 0 && jwt === undefined) {
    throw new TypeError(`${packageName}: option \`keys\` must hold a key, or nobody could come in; give keys, a KeyRing or \`jwt\``);
  }
  return { ...rest, ring, jwt: jwt === undefined ? undefined : readJwtOptions(jwt) };
}

export type JwtSettings = ReturnType<typeof readJwtOptions>;

function readJwtOptions(given: JwtOptions) {
  const { secret, ...rest } = readOptions(
    packageName,
    given,
    {
      secret: option.custom<string>("", "", anything),
      issuer: option.custom<string | undefined>("a non-empty string", undefined, isText),
      audience: option.custom<string | undefined>("a non-empty string", undefined, isText),
      clockToleranceMs: option.integer(0, { max: 3_600_000 }),
    },
    "jwt",
  );
  if (typeof secret !== "string" || Buffer.byteLength(secret) < 32) {
    throw optionError(packageName, "jwt.secret", "a string of at least 32 bytes (RFC 7518, 3.2)", describe(secret));
  }
  return { ...rest, secret };
}
