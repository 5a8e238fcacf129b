import { option, optionError, readOptions } from "@aivillage/middleware";

import { describe } from "./keys/key-digest.ts";
import { packageName } from "./package-name.ts";

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

export type JwtSettings = ReturnType<typeof readJwtOptions>;

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const anything = (): boolean => true;

export function readJwtOptions(given: JwtOptions) {
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
