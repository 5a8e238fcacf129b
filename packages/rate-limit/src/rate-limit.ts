import type { IncomingMessage, ServerResponse } from "node:http";

import { addressList, type HttpProblem, memoize, type Next, passError } from "@aivillage/middleware";

import { rateLimitDecided, rateLimitSkipped } from "./events.ts";
import { headerWriter } from "./http/headers.ts";
import { keepPassage } from "./http/passage.ts";
import { refusal } from "./http/refusal.ts";
import { warnOfSharedAddress } from "./http/shared-address.ts";
import { ipKey } from "./ip-key.ts";
import { type RateLimitOptions, readRateLimitOptions } from "./options.ts";
import { preparedStore } from "./own-store.ts";
import { packageName } from "./package-name.ts";
import { givenOrOwnPenalties } from "./penalty/penalties.ts";
import type { RateLimitHandler } from "./rate-limit-handler.ts";
import { type RateLimitResult, toResult } from "./result.ts";
import type { Charge, Decision } from "./store.ts";
import { toCharges } from "./to-charges.ts";

/**
 * Makes the middleware that lets a request pass only while every policy that applies has room for it.
 *
 * A refused request is a 429 problem with `Retry-After`, is charged to no policy and prolongs no wait. Mount it after whatever
 * verifies identities that its policies use, and before whatever costs something.
 *
 * @throws OptionError for an unknown or bad option
 */
export function rateLimit(options: RateLimitOptions): RateLimitHandler {
  const { policies, clientIp, headers, allow, skip, dryRun, tier, ...read } = readRateLimitOptions(options);
  const isAllowed = allow.length > 0 ? memoize(1_000, addressList(packageName, "allow", allow)) : undefined;
  const { store, close: closeStore } = preparedStore(read.store, policies);
  const { penalties, close: closePenalties } = givenOrOwnPenalties(read.penalty, store);
  const writeHeaders = headerWriter();
  const addressOf = clientIp ?? addressOfConnection;
  const clientKey = (req: IncomingMessage): string => ipKey(addressOf(req));

  function isSkipped(req: IncomingMessage): boolean {
    const reason = isAllowed?.(addressOf(req) ?? "") === true ? "allow" : skip?.(req);
    if (reason !== true && typeof reason !== "string") return false;
    if (rateLimitSkipped.hasSubscribers) rateLimitSkipped.publish({ req, reason: reason === true ? "skip" : reason });
    return true;
  }

  function conclude(req: IncomingMessage, res: ServerResponse, charges: readonly Charge[], decision: Decision, penalised: boolean) {
    const result = toResult(charges, decision, penalised);
    keepPassage(req, result, store, charges, decision);
    if (!decision.allowed) penalties?.noteRefusal(req, clientKey, charges, decision);
    if (headers && !dryRun) writeHeaders(res, result, charges);
    if (rateLimitDecided.hasSubscribers) publish(req, result);
    return result.allowed || dryRun ? undefined : refusal(result);
  }

  function publish(req: IncomingMessage, { policy, allowed, limit, remaining, penalised }: RateLimitResult): void {
    const decision = allowed ? "allowed" : "refused";
    rateLimitDecided.publish({ req, policy, tier: tier?.(req), decision, limit, remaining, penalised, dryRun });
  }

  function admit(req: IncomingMessage, res: ServerResponse): HttpProblem | undefined | PromiseLike<HttpProblem | undefined> {
    if ((isAllowed !== undefined || skip !== undefined) && isSkipped(req)) return undefined;
    const asked = toCharges(req, policies, clientKey);
    if (asked.length === 0) return undefined;
    const penalised = penalties?.isPenalised(req, clientKey) === true;
    const charges = penalised && penalties !== undefined ? penalties.lower(asked) : asked;
    const decision = store.decide(charges);
    if ("then" in decision) return decision.then((decided) => conclude(req, res, charges, decided, penalised));
    return conclude(req, res, charges, decision, penalised);
  }

  function rateLimitHandler(req: IncomingMessage, res: ServerResponse, next: Next): void {
    let outcome: unknown;
    try {
      const admitted = admit(req, res);
      if (admitted !== undefined && "then" in admitted) {
        const proceed = (error: unknown): void => (error === undefined ? next() : passError(error, res, next));
        return void admitted.then(proceed, proceed);
      }
      outcome = admitted;
    } catch (error) {
      outcome = error;
    }
    if (outcome === undefined) return next();
    passError(outcome, res, next);
  }

  function penalize(who: IncomingMessage | string, weight?: number, reason?: string): void {
    const client = typeof who === "string" ? who : penalties?.clientOf(who, clientKey);
    if (client !== undefined) penalties?.report(client, weight, reason);
  }

  return Object.assign(rateLimitHandler, {
    penalize,
    penalties: () => penalties?.list() ?? [],
    clear: (client: string) => penalties?.clear(client) ?? false,
    close: () => {
      closePenalties();
      closeStore();
    },
  });
}

function addressOfConnection(req: IncomingMessage): string | undefined {
  warnOfSharedAddress(req);
  return req.socket.remoteAddress;
}
