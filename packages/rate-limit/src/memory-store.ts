import { option, readOptions } from "@aivillage/middleware";

import { KeyTable } from "./key-table.ts";
import { type SlidingWindow, sliceStartMs } from "./sliding-window.ts";
import type { Charge, Decision, Store, Verdict } from "./store.ts";

const sweepEveryMs = 5_000;
const droppedPerSweep = 10_000;

/** Options of `new MemoryStore()`. */
export interface MemoryStoreOptions {
  /**
   * Most keys held for each policy. When so many are in use, new keys share windows: they may get less than the limit, never
   * more. A key takes about half a kibibyte. Default 100,000.
   */
  maxKeys?: number;
  /** A clock in milliseconds; when it goes back, time stands still. Default `performance.now()`. */
  now?: () => number;
}

/**
 * Counts in the memory of this process.
 *
 * In any trailing window the accepted cost of a key never exceeds the limit, and a client that stays steadily below 95 % of it
 * is never refused. Memory per key does not depend on the limit.
 *
 * @throws TypeError for an unknown or bad option
 */
export class MemoryStore implements Store {
  readonly #tables = new Map<string, KeyTable>();
  readonly #maxKeys: number;
  readonly #now: () => number;
  readonly #sweeper: NodeJS.Timeout;
  #latestMs = 0;

  constructor(options?: MemoryStoreOptions) {
    const { maxKeys, now } = readOptions("@aivillage/rate-limit", options, {
      maxKeys: option.integer(100_000, { min: 1 }),
      now: option.function<() => number>(undefined),
    });
    this.#maxKeys = maxKeys;
    this.#now = now ?? (() => performance.now());
    this.#sweeper = setInterval(() => this.#sweep(), sweepEveryMs).unref();
  }

  /** How many keys are held, over all policies. */
  get size(): number {
    return [...this.#tables.values()].reduce((sum, table) => sum + table.size, 0);
  }

  decide(charges: readonly Charge[]): Decision {
    const atMs = this.#time();
    const windows = charges.map((charge) => this.#table(charge).find(charge.key, atMs));
    const exceeded = charges.map(({ cost, limit }, index) => (windows[index]?.total ?? 0) + cost > limit);
    const allowed = !exceeded.includes(true);
    const verdicts = charges.map((charge, index) => {
      const window = allowed && charge.cost > 0 ? this.#table(charge).charge(charge.key, charge.cost, atMs) : windows[index];
      return toVerdict(charge, exceeded[index] === true, window, atMs);
    });
    return { allowed, atMs, verdicts };
  }

  refund(charges: readonly Charge[], atMs: number): void {
    for (const { policy, key, cost } of charges) this.#tables.get(policy)?.refund(key, cost, atMs);
  }

  reset(policy: string, key: string): void {
    this.#tables.get(policy)?.reset(key);
  }

  /** Stops the timer that drops expired keys. The store stays usable. */
  close(): void {
    clearInterval(this.#sweeper);
  }

  /** Whole milliseconds that never go back, which keeps the arithmetic on slices exact. */
  #time(): number {
    this.#latestMs = Math.max(this.#latestMs, Math.floor(this.#now()));
    return this.#latestMs;
  }

  #table({ policy, windowMs }: Charge): KeyTable {
    const known = this.#tables.get(policy);
    if (known?.windowMs === windowMs) return known;
    if (known !== undefined) {
      const windows = `${known.windowMs} ms and ${windowMs} ms`;
      throw new Error(`@aivillage/rate-limit: policies named "${policy}" with windows of ${windows} share a store; rename one of them`);
    }
    const table = new KeyTable(windowMs, this.#maxKeys);
    this.#tables.set(policy, table);
    return table;
  }

  #sweep(): void {
    const nowMs = this.#time();
    for (const table of this.#tables.values()) table.dropExpired(nowMs, droppedPerSweep);
  }
}

function toVerdict(charge: Charge, exceeded: boolean, window: SlidingWindow | undefined, atMs: number): Verdict {
  const used = window?.total ?? 0;
  return { exceeded, remaining: Math.max(0, charge.limit - used), resetMs: toResetMs(charge, used, window, atMs) };
}

function toResetMs({ cost, limit, windowMs }: Charge, used: number, window: SlidingWindow | undefined, atMs: number): number {
  const missing = used + cost - limit;
  if (window === undefined || used === 0) return missing > 0 ? Infinity : 0;
  return sliceStartMs(window.sliceWithout(Math.max(1, missing)), windowMs) - atMs;
}
