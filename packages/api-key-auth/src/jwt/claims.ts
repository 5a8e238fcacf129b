import type { JWSHeaderParameters, JWTPayload } from "jose";

import { makePrincipal, type Principal } from "../principal.ts";
import { isListOfScopes } from "../scopes.ts";
import type { JwtSettings } from "./jwt-options.ts";

/** Longer is no lifetime, but a time in another unit, such as milliseconds. */
const longestSeconds = 10 * 366 * 86_400;
/** How far the issuer's clock may be ahead, at least, when it says when a token was issued. */
const leastToleranceMs = 60_000;

/** Whether a genuine token that has not expired has plausible times. */
export function hasFitTimes({ exp = Infinity, iat }: JWTPayload, nowMs: number, settings: JwtSettings): boolean {
  if (exp > nowMs / 1_000 + longestSeconds) return false;
  const latestIssue = (nowMs + Math.max(leastToleranceMs, settings.clockToleranceMs)) / 1_000;
  if (iat !== undefined && iat > latestIssue) return false;
  return settings.maxLifetimeMs === undefined || (iat !== undefined && (exp - iat) * 1_000 <= settings.maxLifetimeMs);
}

/** What a token that proves who sends a request may call itself: nothing, or one of these (RFC 7519, 5.1; RFC 9068, 2.1). */
const types = new Set(["jwt", "at+jwt", "application/at+jwt"]);

/** The principal of a verified token. One of another type is signed for another purpose, such as a logout (RFC 8725, 3.11). */
export function readToken(payload: JWTPayload, { typ }: JWSHeaderParameters): Principal | "unfit-token" {
  const isAccessToken = typ === undefined || (typeof typ === "string" && types.has(typ.toLowerCase()));
  return isAccessToken ? readClaims(payload) : "unfit-token";
}

function readClaims({ sub, name, tier = "authenticated", tenant, scope = "" }: JWTPayload): Principal | "unfit-token" {
  if (typeof sub !== "string" || sub === "" || typeof tier !== "string" || tier === "" || typeof scope !== "string") return "unfit-token";
  // Without its tenant, a token would count for itself alone.
  if (tenant !== undefined && (typeof tenant !== "string" || tenant === "")) return "unfit-token";
  const named = scope.split(" ").filter((part) => part !== "");
  if (!isListOfScopes(named)) return "unfit-token";
  // `*` stands for all scopes of a key that the operator configured; an issuer has to name what it grants.
  const scopes = named.filter((part) => part !== "*");
  return makePrincipal({ kind: "jwt", id: sub, name: typeof name === "string" ? name : undefined, tier, tenant, scopes });
}
