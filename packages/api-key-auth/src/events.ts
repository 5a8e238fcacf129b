import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

import type { Principal } from "./principal.ts";

/**
 * Why a request has no principal, or not enough of one. For operators: the client is not told which of the checks failed.
 *
 * `missing`: no bearer credentials; `in-query`: a key in the query string; `malformed`: a header that is no bearer credential;
 * `unknown`: no such key; `not-yet-valid` and `expired`: a known key or a genuine token outside its time; `bad-token`: a JWT
 * with another algorithm, signature, issuer, audience or form; `insufficient-scope`: a principal without the scopes asked for.
 */
export type FailureReason =
  | "missing"
  | "in-query"
  | "malformed"
  | "unknown"
  | "not-yet-valid"
  | "expired"
  | "bad-token"
  | "insufficient-scope";

/** A request showed good credentials. */
export interface Authenticated {
  req: IncomingMessage;
  principal: Principal;
}

/** A request showed bad credentials, or was refused for lack of credentials or scope. The credentials are not part of it. */
export interface AuthenticationFailed {
  req: IncomingMessage;
  reason: FailureReason;
}

export const authenticated = event<Authenticated>("aivillage:api-key-auth:authenticated");

/**
 * Published once a request: for credentials in the `Authorization` header as soon as they turn out bad, even if the refusal
 * is deferred; for missing ones, a key in the query string and a lack of scope when the request is refused.
 */
export const authenticationFailed = event<AuthenticationFailed>("aivillage:api-key-auth:authentication-failed");

/** True for what is no failure as long as nobody asks for a principal: a public route has no credentials. */
export function isFailureOnlyIfRefused(reason: FailureReason): boolean {
  return reason === "missing" || reason === "in-query";
}

export function publishFailure(req: IncomingMessage, reason: FailureReason): void {
  if (authenticationFailed.heard) authenticationFailed.publish({ req, reason });
}
