import type { IncomingMessage } from "node:http";

import type { Handler, Next } from "@aivillage/middleware";

import { readCredentials } from "./credentials.ts";
import { authenticated, type FailureReason, isFailureOnlyIfRefused, publishFailure } from "./events.ts";
import { FailedAttempts } from "./failures/failed-attempts.ts";
import { looksLikeJwt, makeJwtVerifier } from "./jwt/jwt-verifier.ts";
import { type ApiKeyAuthOptions, readApiKeyAuthOptions } from "./options.ts";
import { outcome, type Principal } from "./principal.ts";
import { makeRefusal } from "./refusal.ts";

/**
 * Makes the middleware that finds out who sends a request: `Authorization: Bearer` with an API key or an HS256 JWT (RFC 6750).
 *
 * The principal is on `getPrincipal(req)`. Without good credentials the request is refused at once, or, with
 * `deferRefusal`, by the `requirePrincipal()` that follows. An API key is checked synchronously, a token is not.
 *
 * @throws TypeError for an unknown or bad option; its message holds no secret
 */
export function apiKeyAuth(options: ApiKeyAuthOptions): Handler {
  const { ring, jwt, realm, deferRefusal, clientIp, failures, now } = readApiKeyAuthOptions(options);
  const verifyJwt = jwt && makeJwtVerifier(jwt, now);
  const attempts = failures && new FailedAttempts(failures);

  function accept(req: IncomingMessage, next: Next, principal: Principal): void {
    outcome.set(req, { realm, verdict: principal });
    if (authenticated.heard) authenticated.publish({ req, principal });
    next();
  }

  function refuse(req: IncomingMessage, next: Next, reason: FailureReason, retryAfterMs?: number): void {
    outcome.set(req, retryAfterMs === undefined ? { realm, verdict: reason } : { realm, verdict: reason, retryAfterMs });
    if (!deferRefusal || !isFailureOnlyIfRefused(reason)) publishFailure(req, reason);
    next(deferRefusal ? undefined : makeRefusal(reason, realm, { retryAfterMs }));
  }

  function settle(req: IncomingMessage, next: Next, verdict: Principal | FailureReason): void {
    if (typeof verdict === "object") return accept(req, next, verdict);
    if (attempts !== undefined) attempts.add(clientIp(req), now());
    refuse(req, next, verdict);
  }

  return function apiKeyAuthHandler(req, _res, next) {
    const credentials = readCredentials(req);
    if ("failure" in credentials) return refuse(req, next, credentials.failure);
    const nowMs = now();
    const address = attempts !== undefined || ring.restrictsAddresses ? clientIp(req) : undefined;
    const waitMs = attempts?.waitMs(address, nowMs) ?? 0;
    if (waitMs > 0) return refuse(req, next, "too-many-failures", waitMs);
    const verdict = ring.check(credentials.token, nowMs, address);
    if (verdict !== "unknown" || verifyJwt === undefined || !looksLikeJwt(credentials.token)) return settle(req, next, verdict);
    verifyJwt(credentials.token).then((answer) => settle(req, next, answer), next);
  };
}
