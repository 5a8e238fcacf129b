import { type Handler, option, passError, readOptions } from "@aivillage/middleware";

import { usualChallenges } from "./challenges.ts";
import { type FailureReason, isFailureOnlyIfRefused, publishFailure } from "./events.ts";
import { outcome, type Outcome } from "./outcome.ts";
import { packageName } from "./package-name.ts";
import type { Principal } from "./principal.ts";
import { makeRefusal } from "./refusal.ts";
import { coversScopes, isListOfScopes, scopesExpected } from "./scopes.ts";

/** Options of `requirePrincipal()`. */
export interface RequirePrincipalOptions {
  /** All of these must be held by the principal. Default `[]`: any principal will do. */
  scopes?: readonly string[];
  /**
   * `true`: `*` does not stand for these scopes, so that a key has to name them. For what most keys must not do, since keys hold `*` by
   * default. Default `false`.
   */
  byName?: boolean;
  /** The principal must be of one of these tiers. Default: of any. */
  tiers?: readonly string[];
}

const nobody: Outcome = { challenges: usualChallenges, verdict: "missing" };

/**
 * Makes the middleware that lets only requests with a principal through, and with these scopes and of these tiers.
 *
 * It refuses with what a deferring `apiKeyAuth()` found. Without any `apiKeyAuth()` before it, every request is a 401.
 *
 * @throws OptionError for an unknown or bad option
 */
export function requirePrincipal(options?: RequirePrincipalOptions): Handler {
  const { scopes, byName, tiers } = readRequirePrincipalOptions(options);

  function lackOf(principal: Principal): FailureReason | undefined {
    if (!coversScopes(principal.scopes, scopes, byName)) return "insufficient-scope";
    return tiers === undefined || tiers.includes(principal.tier) ? undefined : "insufficient-tier";
  }

  return function requirePrincipalHandler(req, res, next) {
    const { challenges, verdict, retryAfterMs } = outcome.get(req) ?? nobody;
    const isPrincipal = typeof verdict === "object";
    const refusal = isPrincipal ? lackOf(verdict) : verdict;
    if (refusal === undefined) return next();
    if (isPrincipal || isFailureOnlyIfRefused(refusal)) publishFailure(req, refusal);
    passError(makeRefusal(refusal, challenges, { scopes, tiers, retryAfterMs }), res, next);
  };
}

/**
 * Short for `requirePrincipal({ scopes })`: `requireScope("query")`, or several of which all must be held.
 *
 * @throws TypeError for a bad scope, or none at all
 */
export function requireScope(scope: string, ...more: readonly string[]): Handler {
  return requirePrincipal({ scopes: [scope, ...more] });
}

function readRequirePrincipalOptions(options: RequirePrincipalOptions | undefined) {
  const { scopes, byName, tiers } = readOptions(packageName, options, {
    scopes: option.custom<readonly string[]>(scopesExpected, [], isListOfScopes),
    byName: option.boolean(false),
    tiers: option.custom<readonly string[] | undefined>("a list of at least one tier", undefined, isListOfTiers),
  });
  return { scopes: [...scopes], byName, ...(tiers !== undefined && { tiers: [...tiers] }) };
}

function isListOfTiers(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((tier) => typeof tier === "string" && tier !== "");
}
