import type { IncomingMessage, ServerResponse } from "node:http";

import type { HttpProblem, Next } from "@aivillage/middleware";

import { headerWriter } from "./headers.ts";
import { ipKey } from "./ip-key.ts";
import { type RateLimitOptions, readRateLimitOptions } from "./options.ts";
import { givenOrOwn } from "./own-store.ts";
import { Penalties } from "./penalty/penalties.ts";
import { rateLimitDecided } from "./rate-limit-decided.ts";
import type { RateLimitHandler } from "./rate-limit-handler.ts";
import { refusal } from "./refusal.ts";
import { type RateLimitResult, setRateLimit, toResult } from "./result.ts";
import { keepReceipt } from "./settle-rate-limit.ts";
import type { Charge, Decision } from "./store.ts";
import { toCharges } from "./to-charges.ts";

/**
 * Makes the middleware that lets a request pass only while every policy that applies has room for it.
 *
 * A refused request is a 429 problem with `Retry-After`, is charged to no policy and prolongs no wait. Mount it after whatever
 * verifies identities that its policies use, and before whatever costs something.
 *
 * @throws TypeError for an unknown or bad option
 */
export function rateLimit(options: RateLimitOptions): RateLimitHandler {
  const { policies, clientIp, headers, skip, dryRun, tier, penalty, ...read } = readRateLimitOptions(options);
  const { store, close } = givenOrOwn(read.store);
  const writeHeaders = headerWriter();
  const addressOf = clientIp ?? socketAddress;
  const clientKey = (req: IncomingMessage): string => ipKey(addressOf(req));
  const penalties = penalty && new Penalties(penalty, clientKey);

  function conclude(req: IncomingMessage, res: ServerResponse, charges: readonly Charge[], decision: Decision, penalised: boolean) {
    const result = toResult(charges, decision, penalised);
    setRateLimit(req, result);
    if (decision.allowed) keepReceipt(req, store, charges, decision);
    else penalties?.noteRefusal(req, charges, decision);
    if (headers && !dryRun) writeHeaders(res, result);
    if (rateLimitDecided.heard) publish(req, result);
    return result.allowed || dryRun ? undefined : refusal(result);
  }

  function publish(req: IncomingMessage, { policy, allowed, limit, remaining, penalised }: RateLimitResult): void {
    const decision = allowed ? "allowed" : "refused";
    rateLimitDecided.publish({ req, policy, tier: tier?.(req), decision, limit, remaining, penalised, dryRun });
  }

  function admit(req: IncomingMessage, res: ServerResponse): HttpProblem | undefined | PromiseLike<HttpProblem | undefined> {
    const asked = skip?.(req) === true ? [] : toCharges(req, policies, clientKey);
    if (asked.length === 0) return undefined;
    const penalised = penalties?.isPenalised(req) === true;
    const charges = penalised && penalties !== undefined ? penalties.lower(asked) : asked;
    const decision = store.decide(charges);
    if ("then" in decision) return decision.then((decided) => conclude(req, res, charges, decided, penalised));
    return conclude(req, res, charges, decision, penalised);
  }

  function rateLimitHandler(req: IncomingMessage, res: ServerResponse, proceed: Next): void {
    let outcome: unknown;
    try {
      const admitted = admit(req, res);
      if (admitted !== undefined && "then" in admitted) return void admitted.then(proceed, proceed);
      outcome = admitted;
    } catch (error) {
      outcome = error;
    }
    proceed(outcome);
  }

  return Object.assign(rateLimitHandler, {
    penalize: (who: IncomingMessage | string, weight = 1, reason = "reported") => penalties?.report(who, weight, reason),
    penalties: () => penalties?.list() ?? [],
    pardon: (key: string) => penalties?.pardon(key) ?? false,
    close: () => {
      penalties?.close();
      close();
    },
  });
}

function socketAddress(req: IncomingMessage): string | undefined {
  return req.socket.remoteAddress;
}
