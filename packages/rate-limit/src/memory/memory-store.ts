import { option, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import type { Charge, Decision, PolicyWindow, Store, Verdict } from "../store.ts";
import { KeyHash } from "./key-hash.ts";
import { KeyTable } from "./key-table.ts";
import type { SlidingWindows } from "./sliding-windows.ts";

const sweepEveryMs = 5_000;
const droppedPerSweep = 10_000;
/** The largest `maxKeys`. */
export const mostKeys = 2 ** 24;

/** What is known of a charge before the decision. */
interface Look {
  table: KeyTable;
  windows: SlidingWindows;
  slot: number;
  used: number;
  exceeded: boolean;
}

/** Options of `new MemoryStore()`. */
export interface MemoryStoreOptions {
  /**
   * Most keys held for each policy. When so many are in use, those that have used least are counted together: they may get less than
   * the limit, never more. A key takes about 106 bytes while no limit is above 65,535, else up to 304. From 1 to 16,777,216, default 100,000.
   */
  maxKeys?: number;
  /** A clock in milliseconds; when it goes back, time stands still. Default `performance.now()`. */
  now?: () => number;
}

/**
 * Counts in the memory of this process.
 *
 * In any trailing window the accepted cost of a key never exceeds the limit, and a client that stays steadily below 95 % of it
 * is never refused. Memory per key does not depend on the key or on how often it comes.
 *
 * @throws OptionError for an unknown or bad option
 */
export class MemoryStore implements Store {
  readonly #tables = new Map<string, KeyTable>();
  readonly #hash = new KeyHash();
  readonly #maxKeys: number;
  readonly #now: () => number;
  readonly #sweeper: NodeJS.Timeout;
  /** Of the request that is being decided; used again for the next one. */
  readonly #looks: Look[] = [];
  #latestMs = 0;

  constructor(options?: MemoryStoreOptions) {
    const { maxKeys, now } = readOptions(packageName, options, {
      maxKeys: option.integer(100_000, { min: 1, max: mostKeys }),
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

  /**
   * Reserves the memory of these policies. Reserved in their first request, it makes V8 collect garbage just while a server is getting
   * warm; what lives at that moment is then taken for long-lived, and every request costs up to half as much again from there on.
   */
  prepare(policies: readonly PolicyWindow[]): void {
    const atMs = this.#time();
    for (const { policy, windowMs } of policies) this.#table(policy).windows(windowMs, atMs);
  }

  decide(charges: readonly Charge[]): Decision {
    const atMs = this.#time();
    let allowed = true;
    let looked = 0;
    for (const charge of charges) {
      if (this.#look(looked, charge, atMs)) allowed = false;
      looked += 1;
    }
    const verdicts: Verdict[] = [];
    for (const charge of charges) verdicts.push(this.#conclude(charge, this.#looks[verdicts.length], allowed, atMs));
    return { allowed, atMs, verdicts };
  }

  refund(charges: readonly Charge[], { atMs }: Decision): void {
    for (const { policy, key, cost } of charges) this.#tables.get(policy)?.refund(this.#hash.of(key), cost, atMs);
  }

  reset(policy: string, key: string): void {
    this.#tables.get(policy)?.reset(this.#hash.of(key));
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

  /** Notes what counts before the charge; true when the charge does not fit. */
  #look(at: number, { policy, key, windowMs, cost, limit, mode }: Charge, atMs: number): boolean {
    const table = this.#table(policy);
    const windows = table.windows(windowMs, atMs);
    const slot = table.find(this.#hash.of(key));
    const used = windows.used(slot, atMs);
    const exceeded = mode !== "force" && used + cost > limit;
    const look = this.#looks[at];
    if (look === undefined) {
      this.#looks.push({ table, windows, slot, used, exceeded });
      return exceeded;
    }
    look.table = table;
    look.windows = windows;
    look.slot = slot;
    look.used = used;
    look.exceeded = exceeded;
    return exceeded;
  }

  #conclude({ key, cost, limit, mode }: Charge, look: Look | undefined, allowed: boolean, atMs: number): Verdict {
    if (look === undefined) throw new Error("@aivillage/rate-limit: a charge was not looked at");
    const { table, windows, slot, used, exceeded } = look;
    const charged = allowed && cost > 0 && mode !== "ask";
    const counted = charged ? table.charge(slot, key, this.#hash, cost, atMs) : slot;
    const usedNow = charged ? used + cost : used;
    const missing = usedNow + cost - limit;
    const resetMs = usedNow > 0 ? windows.waitFor(counted, Math.max(1, missing), atMs) : missing > 0 ? Infinity : 0;
    return { exceeded, remaining: Math.max(0, limit - usedNow), resetMs };
  }

  #table(policy: string): KeyTable {
    const known = this.#tables.get(policy);
    if (known !== undefined) return known;
    const table = new KeyTable(this.#maxKeys);
    this.#tables.set(policy, table);
    return table;
  }

  #sweep(): void {
    const nowMs = this.#time();
    for (const table of this.#tables.values()) {
      table.dropUnasked(nowMs);
      table.dropExpired(nowMs, droppedPerSweep);
    }
  }
}
