import type { IncomingMessage, ServerResponse } from "node:http";

import type { Handler, HttpProblem, Next } from "@aivillage/middleware";

import { writeHeaders } from "./headers.ts";
import { ipKey } from "./ip-key.ts";
import { MemoryStore } from "./memory-store.ts";
import { type RateLimitOptions, readRateLimitOptions } from "./options.ts";
import { quotaExceeded } from "./quota-exceeded.ts";
import { rateLimitDecided } from "./rate-limit-decided.ts";
import { keepReceipt } from "./refund-rate-limit.ts";
import { type RateLimitResult, setRateLimit } from "./result.ts";
import type { Charge, Decision, Store } from "./store.ts";
import { toCharges } from "./to-charges.ts";

/** The middleware; `close()` stops the timer of the store that it made itself, not of one that was given. */
export type RateLimitHandler = Handler & { close(): void };

/**
 * Makes the middleware that lets a request pass only while every policy that applies has room for it.
 *
 * A refused request is a 429 problem with `Retry-After`, is charged to no policy and prolongs no wait. Mount it after whatever
 * verifies identities that its policies use, and before whatever costs something.
 *
 * @throws TypeError for an unknown or bad option
 */
export function rateLimit(options: RateLimitOptions): RateLimitHandler {
  const { policies, clientIp, headers, skip, dryRun, tier, ...read } = readRateLimitOptions(options);
  const { store, close } = givenOrOwn(read.store);
  const addressOf = clientIp ?? socketAddress;
  const clientKey = (req: IncomingMessage): string => ipKey(addressOf(req));

  function conclude(req: IncomingMessage, res: ServerResponse, charges: readonly Charge[], decision: Decision): HttpProblem | undefined {
    const result = setRateLimit(req, charges, decision);
    keepReceipt(req, store, charges, decision);
    if (headers && !dryRun) writeHeaders(res, result);
    if (rateLimitDecided.heard) publish(req, result);
    return result.allowed || dryRun ? undefined : quotaExceeded(result);
  }

  function publish(req: IncomingMessage, { policy, allowed, limit, remaining }: RateLimitResult): void {
    const decision = allowed ? "allowed" : "refused";
    rateLimitDecided.publish({ req, policy, tier: tier?.(req), decision, limit, remaining, dryRun });
  }

  function rateLimitHandler(req: IncomingMessage, res: ServerResponse, proceed: Next): void {
    let outcome: unknown;
    try {
      const charges = skip?.(req) === true ? [] : toCharges(req, policies, clientKey);
      if (charges.length > 0) {
        const decision = store.decide(charges);
        if ("then" in decision) return void decision.then((decided) => conclude(req, res, charges, decided)).then(proceed, proceed);
        outcome = conclude(req, res, charges, decision);
      }
    } catch (error) {
      outcome = error;
    }
    proceed(outcome);
  }

  return Object.assign(rateLimitHandler, { close });
}

function givenOrOwn(given: Store | undefined): { store: Store; close: () => void } {
  if (given !== undefined) return { store: given, close: () => undefined };
  const store = new MemoryStore();
  return { store, close: () => store.close() };
}

function socketAddress(req: IncomingMessage): string | undefined {
  return req.socket.remoteAddress;
}
