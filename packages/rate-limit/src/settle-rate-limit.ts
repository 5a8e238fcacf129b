import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import { type ActualCost, Receipt } from "./receipt.ts";
import type { Charge, Decision, Store } from "./store.ts";

const receipts = requestValue<Receipt[]>("@aivillage/rate-limit.receipts");

/** Notes what an allowed request was charged, so that it can be settled. */
export function keepReceipt(req: IncomingMessage, store: Store, charges: readonly Charge[], decision: Decision): void {
  const receipt = new Receipt(store, charges, decision);
  const kept = receipts.get(req);
  if (kept === undefined) receipts.set(req, [receipt]);
  else kept.push(receipt);
}

/**
 * Replaces what the request was charged by every `rateLimit()` that it passed by what it has cost in the end, such as the bytes
 * of its answer or the tokens of a model.
 *
 * What was charged too much is given back as of the time when it was charged; what was missing is charged now, even where it does
 * not fit. Only the first call counts. Rejects when a store fails, and with a `TypeError` for a bad cost.
 *
 * @param actual one cost for all policies, or costs by the names of policies; those not named stay as charged
 */
export async function settleRateLimit(req: IncomingMessage, actual: ActualCost): Promise<void> {
  await Promise.all((receipts.get(req) ?? []).map((receipt) => receipt.settle(actual)));
}

/**
 * Gives back what the request was charged by every `rateLimit()` that it passed, such as when the service behind failed.
 *
 * It is `settleRateLimit(req, 0)`.
 */
export function refundRateLimit(req: IncomingMessage): Promise<void> {
  return settleRateLimit(req, 0);
}
