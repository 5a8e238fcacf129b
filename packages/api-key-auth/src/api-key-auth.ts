import type { IncomingMessage, ServerResponse } from "node:http";

import { type Handler, type Next, passError } from "@aivillage/middleware";

import { makeChallenges } from "./challenges.ts";
import { readCredentials } from "./credentials.ts";
import { authenticated, type FailureReason, isFailureOnlyIfRefused, publishFailure } from "./events.ts";
import { FailedAttempts } from "./failures/failed-attempts.ts";
import { isGuess } from "./failures/guesses.ts";
import { looksLikeJwt, makeJwtVerifier } from "./jwt/jwt-verifier.ts";
import { type ApiKeyAuthOptions, readApiKeyAuthOptions } from "./options.ts";
import { outcome } from "./outcome.ts";
import type { Principal } from "./principal.ts";
import { makeRefusal } from "./refusal.ts";
import { addVary } from "./vary.ts";

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly next: Next;
}

/**
 * Makes the middleware that authenticates requests by an API key or a signed JWT, in `Authorization: Bearer` (RFC 6750) or another carrier.
 *
 * The principal is on `getPrincipal(req)`. Without valid credentials the request is refused at once, or, with
 * `deferRefusal`, by the `requirePrincipal()` that follows. An API key is checked synchronously, a token is not.
 *
 * Credentials are checked before the client's failures are considered, so a valid key or token is always accepted, whatever
 * other clients at the same address did.
 *
 * @throws OptionError for an unknown or bad option; its message holds no secret
 */
export function apiKeyAuth(options: ApiKeyAuthOptions): Handler {
  const { ring, jwt, carriers, realm, deferRefusal, clientIp, failures, now } = readApiKeyAuthOptions(options);
  const challenges = makeChallenges(carriers, realm);
  const verifyJwt = jwt && makeJwtVerifier(jwt, now);
  const attempts = failures && new FailedAttempts(failures);

  function accept({ req, next }: Exchange, principal: Principal): void {
    outcome.set(req, { challenges, verdict: principal });
    if (authenticated.hasSubscribers) authenticated.publish({ req, principal });
    next();
  }

  function refuse({ req, res, next }: Exchange, reason: FailureReason, retryAfterMs?: number): void {
    outcome.set(req, retryAfterMs === undefined ? { challenges, verdict: reason } : { challenges, verdict: reason, retryAfterMs });
    if (!deferRefusal || !isFailureOnlyIfRefused(reason)) publishFailure(req, reason);
    if (deferRefusal) return next();
    passError(makeRefusal(reason, challenges, { retryAfterMs }), res, next);
  }

  function waitAfterGuess(req: IncomingMessage): number {
    if (attempts === undefined || failures?.skip?.(req) === true) return 0;
    return attempts.count(clientIp(req), now());
  }

  function settle(exchange: Exchange, verdict: Principal | FailureReason): void {
    if (typeof verdict === "object") return accept(exchange, verdict);
    if (verdict === "verification-unavailable") return refuse(exchange, verdict, jwt?.keys?.waitMs);
    const waitMs = isGuess(verdict) ? waitAfterGuess(exchange.req) : 0;
    if (waitMs > 0) return refuse(exchange, "too-many-failures", waitMs);
    refuse(exchange, verdict);
  }

  return function apiKeyAuthHandler(req, res, next) {
    const exchange = { req, res, next };
    addVary(res, carriers.varyBy);
    const credentials = readCredentials(req, carriers);
    if ("failure" in credentials) return refuse(exchange, credentials.failure);
    const { token } = credentials;
    const verdict = ring.check(token, now(), ring.restrictsAddresses ? clientIp(req) : undefined);
    if (verdict !== "unknown" || verifyJwt === undefined || !looksLikeJwt(token)) return settle(exchange, verdict);
    verifyJwt(token).then((found) => settle(exchange, found), next);
  };
}
