import { optionError } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import type { Charge, Decision, Store, Verdict } from "../store.ts";
import { type ClientInfo, type ExpressRateLimitStore, isExpressRateLimitStore } from "./express-rate-limit-store.ts";

/** A store of express-rate-limit counts one by one. */
const mostCost = 1_000;

/**
 * Makes a store for `rateLimit()` out of one that was made for express-rate-limit.
 *
 * Requests are counted as that store counts, mostly in fixed windows: the promise on any trailing window is not kept. Concurrent
 * requests never get more than the limit; a refused request is taken back. A request may cost at most 1,000.
 *
 * @param given a store, for policies of one window; or a function that makes one for each window
 * @throws TypeError when it is neither
 */
export function fromExpressRateLimitStore(given: ExpressRateLimitStore | ((windowMs: number) => ExpressRateLimitStore)): Store {
  if (typeof given !== "function" && !isExpressRateLimitStore(given)) {
    throw optionError(packageName, "store", "a store of express-rate-limit or a function that makes one", given);
  }
  const stores = new Map<number, ExpressRateLimitStore>();
  const windows = new Map<string, number>();

  function storeFor({ policy, windowMs }: Charge): ExpressRateLimitStore {
    windows.set(policy, windowMs);
    const known = stores.get(windowMs);
    if (known !== undefined) return known;
    if (typeof given !== "function" && stores.size > 0) {
      const list = [...stores.keys(), windowMs].map((each) => `${each} ms`).join(" and ");
      throw new Error(
        `${packageName}: one store of express-rate-limit has one window, not ${list}; give a function that makes one for each`,
      );
    }
    const store = typeof given === "function" ? given(windowMs) : given;
    stores.set(windowMs, store);
    Promise.resolve(store.init?.({ windowMs } as never)).catch(() => undefined);
    return store;
  }

  return {
    async decide(charges) {
      const infos = await Promise.all(charges.map((charge) => count(storeFor(charge), charge)));
      const exceeded = charges.map(({ limit, cost, mode }, index) => {
        const counted = (infos[index]?.totalHits ?? 0) + (isCounted({ cost, mode }) ? 0 : cost);
        return mode !== "force" && counted > limit;
      });
      const allowed = !exceeded.includes(true);
      if (!allowed) await Promise.all(charges.filter(isCounted).map((charge) => takeBack(storeFor(charge), charge)));
      const verdicts = charges.map((charge, index) => toVerdict(charge, infos[index], exceeded[index] === true, allowed));
      return { allowed, atMs: Date.now(), verdicts } satisfies Decision;
    },
    async refund(charges) {
      await Promise.all(charges.map((charge) => takeBack(storeFor(charge), charge)));
    },
    async reset(policy, key) {
      const windowMs = windows.get(policy);
      if (windowMs !== undefined) await stores.get(windowMs)?.resetKey(nameOf({ policy, key }));
    },
  };
}

const nameOf = ({ policy, key }: Pick<Charge, "policy" | "key">): string => `${policy}:${key}`;

const isCounted = ({ cost, mode }: { cost: number; mode?: Charge["mode"] | undefined }): boolean => cost > 0 && mode !== "ask";

/** What is counted after the charge; a copy, because some stores return an object that goes on changing. */
async function count(store: ExpressRateLimitStore, charge: Charge): Promise<ClientInfo | undefined> {
  if (!isCounted(charge)) return look(store, nameOf(charge));
  const infos = await Promise.all(times(charge.cost, async () => ({ ...(await store.increment(nameOf(charge))) })));
  return infos.reduce((one, other) => (other.totalHits > one.totalHits ? other : one));
}

/** A store without `get` returns a count only when it is increased. */
async function look(store: ExpressRateLimitStore, name: string): Promise<ClientInfo | undefined> {
  if (store.get !== undefined) return store.get(name);
  const { totalHits, resetTime } = await store.increment(name);
  await store.decrement(name);
  return { totalHits: totalHits - 1, resetTime };
}

async function takeBack(store: ExpressRateLimitStore, charge: Charge): Promise<void> {
  await Promise.all(times(charge.cost, async () => store.decrement(nameOf(charge))));
}

function times<T>(cost: number, action: () => Promise<T>): Promise<T>[] {
  if (cost > mostCost)
    throw new RangeError(`${packageName}: with a store of express-rate-limit a request may cost ${mostCost}, not ${cost}`);
  return Array.from({ length: cost }, action);
}

function toVerdict(charge: Charge, info: ClientInfo | undefined, exceeded: boolean, allowed: boolean): Verdict {
  const { limit, cost, windowMs } = charge;
  const used = (info?.totalHits ?? 0) - (!allowed && isCounted(charge) ? cost : 0);
  const untilReset = info === undefined ? 0 : Math.max(0, (info.resetTime?.getTime() ?? Date.now() + windowMs) - Date.now());
  return { exceeded, remaining: Math.max(0, limit - used), resetMs: exceeded && cost > limit ? Infinity : untilReset };
}
