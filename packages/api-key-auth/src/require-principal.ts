import { type Handler, option, readOptions } from "@aivillage/middleware";

import { type FailureReason, isFailureOnlyIfRefused, publishFailure } from "./events.ts";
import { packageName } from "./package-name.ts";
import { outcome, type Outcome } from "./principal.ts";
import { makeRefusal } from "./refusal.ts";
import { coversScopes, isListOfScopes, scopesExpected } from "./scopes.ts";

/** Options of `requirePrincipal()`. */
export interface RequirePrincipalOptions {
  /** All of these must be held by the principal. Default `[]`: any principal will do. */
  scopes?: readonly string[];
}

const nobody: Outcome = { realm: "api", verdict: "missing" };

/**
 * Makes the middleware that lets only requests with a principal through, and with these scopes.
 *
 * It refuses with what a deferring `apiKeyAuth()` found. Without any `apiKeyAuth()` before it, every request is a 401.
 *
 * @throws TypeError for an unknown or bad option
 */
export function requirePrincipal(options?: RequirePrincipalOptions): Handler {
  const read = readOptions(packageName, options, { scopes: option.custom<readonly string[]>(scopesExpected, [], isListOfScopes) });
  const scopes = [...read.scopes];

  return function requirePrincipalHandler(req, _res, next) {
    const { realm, verdict } = outcome.get(req) ?? nobody;
    const refusal = typeof verdict === "string" ? verdict : lackOfScope(verdict.scopes, scopes);
    if (refusal === undefined) return next();
    if (isFailureOnlyIfRefused(refusal) || refusal === "insufficient-scope") publishFailure(req, refusal);
    next(makeRefusal(refusal, realm, scopes));
  };
}

function lackOfScope(held: readonly string[], needed: readonly string[]): FailureReason | undefined {
  return coversScopes(held, needed) ? undefined : "insufficient-scope";
}
