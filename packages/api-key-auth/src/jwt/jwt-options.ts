import { isPlainObject, option, optionError, readOptions } from "@aivillage/middleware";

import { describe } from "../keys/key-digest.ts";
import { packageName } from "../package-name.ts";
import type { JwkSetOptions } from "./jwk-set-options.ts";
import { JwkSet } from "./jwk-set.ts";

/**
 * Signed tokens (RFC 7519). `exp` and `sub` are required; `nbf`, `iat`, `scope`, `tier` and `name` are read when present.
 *
 * At least one of `secret` and `keys` is required: HS256 tokens are verified by the secret only, all others by the keys only.
 */
export interface JwtOptions {
  /** Shared with the issuer of HS256 tokens, at least 32 bytes (RFC 7518, 3.2). Default: HS256 tokens are refused. */
  secret?: string;
  /** A secret that is accepted beside `secret` while it is being replaced, at least 32 bytes. Default: none. */
  previousSecret?: string;
  /** Public keys of an issuer of RS256, ES256 or EdDSA tokens, or where to load them. Default: such tokens are refused. */
  keys?: JwkSetOptions | JwkSet;
  /** What the claim `iss` must be: one of these. Default: it is ignored. */
  issuer?: string | readonly string[];
  /** What the claim `aud` must be or contain: one of these. Default: tokens that name an audience are refused (RFC 7519, 4.1.3). */
  audience?: string | readonly string[];
  /** Longest time from `iat` to `exp` in milliseconds; `iat` is then required. Default: no limit but ten years from now. */
  maxLifetimeMs?: number;
  /** How far clocks may differ when `exp`, `nbf` and `iat` are compared, in milliseconds. Default 0. */
  clockToleranceMs?: number;
}

export type JwtSettings = ReturnType<typeof readJwtOptions>;

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isTextOrList = (value: unknown): boolean => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText));
const anything = (): boolean => true;
const textOrList = option.custom<string | readonly string[] | undefined>("a non-empty string or a list of them", undefined, isTextOrList);

export function readJwtOptions(given: JwtOptions) {
  const { secret, previousSecret, keys, issuer, audience, ...rest } = readOptions(
    packageName,
    given,
    {
      // Checked below, by errors that do not show what came.
      secret: option.custom<string | undefined>("", undefined, anything),
      previousSecret: option.custom<string | undefined>("", undefined, anything),
      keys: option.custom<JwkSetOptions | JwkSet | undefined>("an object with `url` or `file`, or a JwkSet", undefined, isPlainObject),
      issuer: textOrList,
      audience: textOrList,
      maxLifetimeMs: option.custom<number | undefined>("an integer of milliseconds, at least 1000", undefined, isLifetime),
      clockToleranceMs: option.integer(0, { max: 3_600_000 }),
    },
    "jwt",
  );
  if (keys === undefined || previousSecret !== undefined) checkSecret("secret", secret);
  const secrets = [
    ...(secret === undefined ? [] : [checkSecret("secret", secret)]),
    ...(previousSecret === undefined ? [] : [checkSecret("previousSecret", previousSecret)]),
  ];
  return {
    ...rest,
    secrets,
    keys: keys === undefined || keys instanceof JwkSet ? keys : new JwkSet(keys),
    ...(issuer !== undefined && { issuer: toList(issuer) }),
    ...(audience !== undefined && { audience: toList(audience) }),
  };
}

function checkSecret(name: string, secret: unknown): string {
  if (typeof secret === "string" && Buffer.byteLength(secret) >= 32) return secret;
  throw optionError(packageName, `jwt.${name}`, "a string of at least 32 bytes (RFC 7518, 3.2)", describe(secret));
}

function isLifetime(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1_000;
}

function toList(value: string | readonly string[]): string[] {
  return typeof value === "string" ? [value] : [...value];
}
