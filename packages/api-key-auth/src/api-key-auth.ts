import type { IncomingMessage } from "node:http";

import type { Handler, Next } from "@aivillage/middleware";

import { readCredentials } from "./credentials.ts";
import { authenticated, type FailureReason, isFailureOnlyIfRefused, publishFailure } from "./events.ts";
import { looksLikeJwt, makeJwtVerifier } from "./jwt.ts";
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
  const { ring, jwt, realm, deferRefusal, now } = readApiKeyAuthOptions(options);
  const verifyJwt = jwt && makeJwtVerifier(jwt, now);

  function settle(req: IncomingMessage, next: Next, verdict: Principal | FailureReason): void {
    outcome.set(req, { realm, verdict });
    if (typeof verdict === "object") {
      if (authenticated.heard) authenticated.publish({ req, principal: verdict });
      return next();
    }
    if (!deferRefusal || !isFailureOnlyIfRefused(verdict)) publishFailure(req, verdict);
    next(deferRefusal ? undefined : makeRefusal(verdict, realm));
  }

  return function apiKeyAuthHandler(req, _res, next) {
    const credentials = readCredentials(req);
    if ("failure" in credentials) return settle(req, next, credentials.failure);
    const verdict = ring.check(credentials.token, now());
    if (verdict !== "unknown" || verifyJwt === undefined || !looksLikeJwt(credentials.token)) return settle(req, next, verdict);
    verifyJwt(credentials.token).then((answer) => settle(req, next, answer), next);
  };
}
