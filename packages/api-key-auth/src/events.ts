import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

import type { Principal } from "./principal.ts";

/**
 * Why a request has no principal, or not enough of one. For operators: the client is not told which of the checks failed.
 *
 * `missing`: no bearer credentials; `in-query`: a key in the query string; `malformed`: a header that is no bearer credential;
 * `unknown`: no such key; `mistyped`: the checksum of a key of the form `prefix_id.secret` is wrong; `revoked`: a key that was
 * taken back; `not-yet-valid` and `expired`: a known key or a genuine token outside its time; `wrong-address`: a known key from
 * an address it is not meant for; `bad-token`: a JWT with another algorithm, signature, issuer, audience or form;
 * `too-many-failures`: not looked at, since this client has failed too often; `insufficient-scope` and `insufficient-tier`: a
 * principal without the scopes or of another tier than asked for.
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

export const authenticated = event<Authenticated>("aivillage:api-key-auth:authenticated");

/**
 * Published once a request: for credentials in the `Authorization` header as soon as they turn out bad, even if the refusal
 * is deferred; for missing ones, a key in the query string and a lack of scope or tier when the request is refused.
 */
export const authenticationFailed = event<AuthenticationFailed>("aivillage:api-key-auth:authentication-failed");

/** True for what is no failure as long as nobody asks for a principal: a public route has no credentials. */
export function isFailureOnlyIfRefused(reason: FailureReason): boolean {
  return reason === "missing" || reason === "in-query";
}

export function publishFailure(req: IncomingMessage, reason: FailureReason): void {
  if (authenticationFailed.heard) authenticationFailed.publish({ req, reason });
}
