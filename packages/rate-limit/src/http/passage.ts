import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { type ActualCost, Receipt } from "../receipt.ts";
import type { RateLimitResult } from "../result.ts";
import type { Charge, Decision, Store } from "../store.ts";

const passages = requestValue<Passage>("@aivillage/rate-limit.passage");

/** What one limiter decided about a request and charged for it. */
class Passage {
  readonly result: RateLimitResult;
  /** That of the limiter before. */
  readonly #previous: Passage | undefined;
  readonly #store: Store;
  readonly #charges: readonly Charge[];
  readonly #decision: Decision;
  #receipt: Receipt | undefined;

  constructor(previous: Passage | undefined, result: RateLimitResult, store: Store, charges: readonly Charge[], decision: Decision) {
    this.result = result;
    this.#previous = previous;
    this.#store = store;
    this.#charges = charges;
    this.#decision = decision;
  }

  /** Whether the same limiter, or one that shares its counts, has charged this already. */
  isOf(store: Store, [charge]: readonly Charge[]): boolean {
    const isSame = this.#store === store && this.#charges.some(({ policy, key }) => policy === charge?.policy && key === charge.key);
    return isSame || this.#previous?.isOf(store, charge === undefined ? [] : [charge]) === true;
  }

  /** Settles what this limiter and those before it have charged. */
  async settle(actual: ActualCost): Promise<void> {
    if (this.#decision.allowed) this.#receipt ??= new Receipt(this.#store, this.#charges, this.#decision);
    await Promise.all([this.#previous?.settle(actual), this.#receipt?.settle(actual)]);
  }
}

let isWarned = false;

function warnOfDoubleCount([charge]: readonly Charge[]): void {
  if (isWarned) return;
  isWarned = true;
  process.emitWarning(`one request is counted twice by the policy "${charge?.policy}"`, {
    type: "RateLimitWarning",
    code: "AIVILLAGE_RATE_LIMIT_DOUBLE_COUNT",
    detail: `${packageName}: the same limiter is mounted at two places that the request passes, or two limiters share a store. Mount it once.`,
  });
}

/** Notes what was decided about a request. */
export function keepPassage(
  req: IncomingMessage,
  result: RateLimitResult,
  store: Store,
  charges: readonly Charge[],
  decision: Decision,
): void {
  const previous = passages.get(req);
  if (previous?.isOf(store, charges) === true) warnOfDoubleCount(charges);
  passages.set(req, new Passage(previous, result, store, charges, decision));
}

/**
 * What `rateLimit()` decided about this request; of several, the last one.
 *
 * `undefined` when none has run, the request was skipped, or no policy applied.
 */
export function getRateLimit(req: IncomingMessage): RateLimitResult | undefined {
  return passages.get(req)?.result;
}

/**
 * Replaces what the request was charged by every `rateLimit()` that it passed by what it has cost in the end, such as the bytes
 * of its response or the tokens of a model.
 *
 * What was charged too much is given back as of the time when it was charged; what was missing is charged now, even where it does
 * not fit. Only the first call counts. Rejects when a store fails, and with a `TypeError` for a bad cost.
 *
 * @param actual one cost for all policies, or costs by the names of policies; those not named stay as charged
 */
export async function settleRateLimit(req: IncomingMessage, actual: ActualCost): Promise<void> {
  await passages.get(req)?.settle(actual);
}

/**
 * Gives back what the request was charged by every `rateLimit()` that it passed, such as when the upstream service failed.
 *
 * It is `settleRateLimit(req, 0)`.
 */
export function refundRateLimit(req: IncomingMessage): Promise<void> {
  return settleRateLimit(req, 0);
}
