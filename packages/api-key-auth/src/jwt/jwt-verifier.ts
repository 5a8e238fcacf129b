import { createSecretKey, type webcrypto } from "node:crypto";

import { defined } from "@aivillage/middleware";
import type * as jose from "jose";
import type { FlattenedJWSInput, JWSHeaderParameters } from "jose";

import type { FailureReason } from "../events.ts";
import type { Principal } from "../principal.ts";
import { hasFitTimes, readToken } from "./claims.ts";
import { KeysUnavailable } from "./jwk-set.ts";
import type { JwtSettings } from "./jwt-options.ts";
import { isCanonical } from "./token-encoding.ts";
import { publicKeyAlgorithms } from "./usable-keys.ts";

/** The result of verifying a presented token. */
type JwtVerdict =
  | Principal
  | Extract<
      FailureReason,
      "bad-token" | "wrong-issuer" | "wrong-audience" | "unfit-token" | "not-yet-valid" | "expired" | "verification-unavailable"
    >;

export type JwtVerifier = (token: string) => Promise<JwtVerdict>;

type Keys = readonly webcrypto.CryptoKey[];

/** Loaded with the first token: many deployments use keys alone. */
let loading: Promise<typeof jose> | undefined;

/** Three parts, as in a JWS in compact form (RFC 7515, 7.1). */
export function looksLikeJwt(token: string): boolean {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  return first > 0 && second > first && !token.includes(".", second + 1);
}

/**
 * Makes the check of tokens (RFC 7519). The configuration decides which algorithms are tried, whatever the token says, and an algorithm
 * decides which kind of key verifies it (RFC 8725, 3.1 and 3.2). A token without `exp` or `sub` is refused.
 */
export function makeJwtVerifier(settings: JwtSettings, now: () => number): JwtVerifier {
  const { secrets, keys, issuer, audience, clockToleranceMs } = settings;
  const options = {
    algorithms: [...(secrets.length > 0 ? ["HS256"] : []), ...(keys === undefined ? [] : publicKeyAlgorithms)],
    requiredClaims: ["exp", "sub"],
    clockTolerance: clockToleranceMs / 1_000,
    ...defined({ issuer, audience }),
  };
  const secretKeys = secrets.map(importSecret);
  const findKeys = (header: JWSHeaderParameters, token: FlattenedJWSInput): Keys | Promise<Keys> => {
    if (header.alg === "HS256") return secretKeys;
    return keys === undefined ? [] : keys.find(header, token);
  };

  return async (token) => {
    if (!isCanonical(token)) return "bad-token";
    const { jwtVerify } = await (loading ??= import("jose"));
    let untried: Keys | undefined;
    const nextKey = async (header: JWSHeaderParameters, input: FlattenedJWSInput): Promise<webcrypto.CryptoKey> => {
      const [key, ...others] = untried ?? (await findKeys(header, input));
      untried = others;
      if (key === undefined) throw new TypeError("an algorithm that is not accepted was let through");
      return key;
    };
    for (;;) {
      const currentDate = new Date(now());
      try {
        const { payload, protectedHeader } = await jwtVerify(token, nextKey, { ...options, currentDate });
        // Without its own audience a service must reject every token that names one (RFC 7519, 4.1.3).
        if (payload.aud !== undefined && settings.audience === undefined) return "wrong-audience";
        return hasFitTimes(payload, currentDate.getTime(), settings) ? readToken(payload, protectedHeader) : "unfit-token";
      } catch (error) {
        const mayFitAnother = codeOf(error) === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" && untried !== undefined && untried.length > 0;
        if (!mayFitAnother) return readError(error);
      }
    }
  };
}

/** Imported once; the verifier holds a key that cannot be exported and no text. */
function importSecret(secret: string): webcrypto.CryptoKey {
  return createSecretKey(secret, "utf8").toCryptoKey({ name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

/** Claims are looked at after the signature, so an error about them is one of a genuine token. */
function readError(error: unknown): JwtVerdict {
  if (error instanceof KeysUnavailable) return "verification-unavailable";
  const code = codeOf(error);
  if (code === "ERR_JWT_EXPIRED") return "expired";
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") {
    const { claim, reason } = error as jose.errors.JWTClaimValidationFailed;
    if (claim === "nbf" && reason === "check_failed") return "not-yet-valid";
    return claim === "iss" ? "wrong-issuer" : claim === "aud" ? "wrong-audience" : "unfit-token";
  }
  // The last may be genuine, and would have to name its key.
  if (code === "ERR_JWT_INVALID" || code === "ERR_JWKS_MULTIPLE_MATCHING_KEYS") return "unfit-token";
  if (/^ERR_(JOSE|JW[A-Z]+)_/.test(code)) return "bad-token";
  throw error;
}

/** The code of an error of jose: a `JwkSet` may come from another copy of this package, which has its own classes of errors. */
function codeOf(error: unknown): string {
  return String((error as Partial<jose.errors.JOSEError> | undefined)?.code ?? "");
}
