import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

import type { Principal } from "./principal.ts";

/**
 * Why a request has no principal, or not enough of one. For operators: the client does not learn which of the checks failed.
 *
 * - `missing`: no bearer credentials.
 * - `in-query`: a key in the query string.
 * - `malformed`: a header that is not a bearer credential.
 * - `unknown`: no such key.
 * - `mistyped`: the checksum of a key of the form `prefix_id.secret` is wrong.
 * - `revoked`: a known key that was revoked.
 * - `not-yet-valid`, `expired`: a known key or a genuine token outside its validity period.
 * - `wrong-address`: a known key from an address it is not valid for.
 * - `bad-token`: a JWT whose signature could not be verified: another algorithm, key or form.
 * - `wrong-issuer`, `wrong-audience`: a genuine JWT with another `iss` or `aud` than accepted.
 * - `unfit-token`: a genuine JWT with another type, lifetime or form of claims than accepted.
 * - `verification-unavailable`: a JWT that cannot be verified, since the issuer's keys have never been loaded.
 * - `too-many-failures`: an `unknown` or `bad-token` of a client with too many of them.
 * - `insufficient-scope`, `insufficient-tier`: a principal without the scopes or tier that the route requires.
 */
export type FailureReason =
  | "missing"
  | "in-query"
  | "malformed"
  | "unknown"
  | "mistyped"
  | "revoked"
  | "not-yet-valid"
  | "expired"
  | "wrong-address"
  | "bad-token"
  | "wrong-issuer"
  | "wrong-audience"
  | "unfit-token"
  | "verification-unavailable"
  | "too-many-failures"
  | "insufficient-scope"
  | "insufficient-tier";

/** A request showed good credentials. */
export interface Authenticated {
  req: IncomingMessage;
  principal: Principal;
}

/** A request showed bad credentials, or was refused for lack of credentials, scope or tier. The credentials are not part of it. */
export interface AuthenticationFailed {
  req: IncomingMessage;
  reason: FailureReason;
}

/** Published when good credentials came. */
export const authenticated = event<Authenticated>("aivillage:api-key-auth:authenticated");

/**
 * Published once a request: for credentials in the `Authorization` header as soon as they turn out bad, even if the refusal
 * is deferred; for missing ones, a key in the query string and a lack of scope or tier when the request is refused.
 */
export const authenticationFailed = event<AuthenticationFailed>("aivillage:api-key-auth:authentication-failed");

/** The public keys of an issuer were loaded, or could not be loaded any more. */
export interface JwkSetChanged {
  /** The file, or the URL without its query. */
  source: string;
  state: "loaded" | "failed";
  /** How many keys were loaded; 0 when it failed, and those from before stay in use. */
  keys: number;
  /** Why it failed, for operators. */
  reason: string | undefined;
}

/** Published when the state changes, not with each load. */
export const jwkSetChanged = event<JwkSetChanged>("aivillage:api-key-auth:jwk-set-changed");

/** True for what is no failure as long as nobody asks for a principal: a public route has no credentials. */
export function isFailureOnlyIfRefused(reason: FailureReason): boolean {
  return reason === "missing" || reason === "in-query";
}

export function publishFailure(req: IncomingMessage, reason: FailureReason): void {
  if (authenticationFailed.hasSubscribers) authenticationFailed.publish({ req, reason });
}
