import { optionError, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { isUnits, mostUnits, nameRule } from "../policy.ts";
import { type Charge, type Decision, isStore, type Store } from "../store.ts";
import type { ClientInfo, ExpressRateLimitStore } from "./express-rate-limit-store.ts";

/** Keys whose last decision is remembered, to take it back on `decrement`. */
const mostRemembered = 10_000;

/** Options of `toExpressRateLimitStore()`. */
export interface ExpressRateLimitStoreOptions {
  /** The name under which the store counts; limiters with one store and one name share counts. Default `express-rate-limit`. */
  policy?: string;
}

/** A store that express-rate-limit takes. */
export interface ExactStore extends ExpressRateLimitStore {
  init(options: { windowMs: number; limit: unknown; skipFailedRequests?: boolean }): void;
  get(key: string): Promise<ClientInfo | undefined>;
}

/**
 * Makes a store for the `rateLimit` of express-rate-limit out of one of this package.
 *
 * No trailing window exceeds the limit. With a limit that is a number, refused requests are not counted. Where it is a function,
 * which express-rate-limit alone can call, they count as they do with its own stores; with `skipFailedRequests`, until they have
 * been sent.
 *
 * @throws OptionError for a store of another kind, and for an unknown or bad option
 */
export function toExpressRateLimitStore(store: Store, options?: ExpressRateLimitStoreOptions): ExactStore {
  if (!isStore(store)) throw optionError(packageName, "store", "a store of this package, such as a MemoryStore", store);
  const { policy } = readOptions(packageName, options, { policy: nameRule("express-rate-limit") });
  const lastCharged = new Map<string, Decision>();
  let windowMs = 60_000;
  let limit = mostUnits;

  const chargeFor = (key: string, mode?: Charge["mode"]): Charge => ({ policy, key, limit, windowMs, cost: 1, ...(mode && { mode }) });

  function remember(key: string, decision: Decision): void {
    if (lastCharged.size >= mostRemembered) lastCharged.clear();
    lastCharged.set(key, decision);
  }

  return {
    init(given) {
      windowMs = given.windowMs;
      limit = isUnits(given.limit, 0) && given.skipFailedRequests !== true ? Number(given.limit) : mostUnits;
    },
    async increment(key) {
      const decision = await store.decide([chargeFor(key)]);
      if (decision.allowed) remember(key, decision);
      const info = toInfo(limit, decision);
      return decision.allowed ? info : { ...info, totalHits: limit + 1 };
    },
    async decrement(key) {
      const decision = lastCharged.get(key);
      if (decision !== undefined) await store.refund([chargeFor(key)], decision);
    },
    async resetKey(key) {
      lastCharged.delete(key);
      await store.reset(policy, key);
    },
    async get(key) {
      const info = toInfo(limit, await store.decide([chargeFor(key, "ask")]));
      return info.totalHits === 0 ? undefined : info;
    },
  };
}

function toInfo(limit: number, { verdicts: [verdict] }: Decision): ClientInfo {
  if (verdict === undefined) throw new Error("@aivillage/rate-limit: the store gave no verdict");
  const resetTime = Number.isFinite(verdict.resetMs) ? new Date(Date.now() + verdict.resetMs) : undefined;
  return { totalHits: limit - verdict.remaining, resetTime };
}
