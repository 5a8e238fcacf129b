import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import type { Charge, Decision, Store } from "./store.ts";

interface Receipt {
  readonly store: Store;
  readonly charges: readonly Charge[];
  readonly atMs: number;
}

const receipts = requestValue<readonly Receipt[]>("@aivillage/rate-limit.receipts");

/** Notes what an allowed request was charged, so that it can be given back. */
export function keepReceipt(req: IncomingMessage, store: Store, charges: readonly Charge[], { allowed, atMs }: Decision): void {
  if (allowed) receipts.set(req, [...(receipts.get(req) ?? []), { store, charges, atMs }]);
}

/**
 * Gives back what the request was charged by every `rateLimit()` that it passed, such as when the service behind failed.
 *
 * A second call gives back nothing. What has left the window in the meantime is not counted any more anyway. Rejects when a
 * store fails.
 */
export async function refundRateLimit(req: IncomingMessage): Promise<void> {
  const kept = receipts.get(req) ?? [];
  receipts.set(req, []);
  await Promise.all(kept.map(async ({ store, charges, atMs }) => store.refund(charges, atMs)));
}
