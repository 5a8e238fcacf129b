import { createSecretKey, type webcrypto } from "node:crypto";

import type * as jose from "jose";
import type { JWTPayload, JWTVerifyResult } from "jose";

import type { JwtSettings } from "./jwt-options.ts";
import { makePrincipal, type Principal } from "./principal.ts";
import { isListOfScopes } from "./scopes.ts";

/** What is said about a presented token. */
type JwtVerdict = Principal | "bad-token" | "not-yet-valid" | "expired";

export type JwtVerifier = (token: string) => Promise<JwtVerdict>;

/** Loaded with the first token: many know their clients by keys alone. */
let loading: Promise<typeof jose> | undefined;

/** Three parts, as in a JWS in compact form (RFC 7515, 7.1). */
export function looksLikeJwt(token: string): boolean {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  return first > 0 && second > first && !token.includes(".", second + 1);
}

/**
 * Makes the check of HS256 tokens (RFC 7519). No other algorithm is ever tried, whatever the token says (RFC 8725, 3.1), and a
 * token without `exp` or `sub` is refused.
 */
export function makeJwtVerifier({ secret, issuer, audience, clockToleranceMs }: JwtSettings, now: () => number): JwtVerifier {
  const key = importSecret(secret);
  const settings = {
    algorithms: ["HS256"],
    requiredClaims: ["exp", "sub"],
    clockTolerance: clockToleranceMs / 1000,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
  return async (token) => {
    const { jwtVerify, errors } = await (loading ??= import("jose"));
    return jwtVerify(token, key, { ...settings, currentDate: new Date(now()) }).then(readToken, (error) => readError(error, errors));
  };
}

/** What a token that proves who sends a request may call itself: nothing, or one of these (RFC 7519, 5.1; RFC 9068, 2.1). */
const types = new Set(["jwt", "at+jwt", "application/at+jwt"]);

/** A token of another type is signed for another purpose, such as a logout (RFC 8725, 3.11). */
function readToken({ payload, protectedHeader }: JWTVerifyResult): JwtVerdict {
  const typ: unknown = protectedHeader.typ;
  return typ === undefined || (typeof typ === "string" && types.has(typ.toLowerCase())) ? readClaims(payload) : "bad-token";
}

/** Imported once; the verifier holds a key that cannot be exported and no text. */
function importSecret(secret: string): webcrypto.CryptoKey {
  return createSecretKey(secret, "utf8").toCryptoKey({ name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function readClaims({ sub, name, tier = "authenticated", scope = "" }: JWTPayload): JwtVerdict {
  if (typeof sub !== "string" || sub === "" || typeof tier !== "string" || tier === "" || typeof scope !== "string") return "bad-token";
  const scopes = scope.split(" ").filter((part) => part !== "");
  if (!isListOfScopes(scopes)) return "bad-token";
  return makePrincipal({ kind: "jwt", id: sub, name: typeof name === "string" ? name : undefined, tier, scopes });
}

function readError(error: unknown, errors: typeof jose.errors): JwtVerdict {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf" && error.reason === "check_failed") return "not-yet-valid";
  if (error instanceof errors.JOSEError) return "bad-token";
  throw error;
}
