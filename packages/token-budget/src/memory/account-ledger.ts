import { type Account, type ChangedStanding, expiredKeptMs, type Hold, settledKeptMs } from "../store.ts";

interface Lease {
  amount: number;
  used: number;
  untilMs: number;
}

/** What was charged for a call whose lease ended; nothing can be corrected once it is settled. */
interface Closed {
  readonly charged: number | "settled";
  readonly untilMs: number;
}

const pruneEveryMs = 1_000;

/** The arithmetic of one account, which knows neither clocks nor disks. Times are those of any clock that only goes forward. */
export class AccountLedger {
  readonly account: Account;
  limit = 0;
  spent = 0;
  held = 0;
  granted = 0;
  readonly #live = new Map<string, Lease>();
  readonly #closed = new Map<string, Closed>();
  /** No lease ends before. */
  #nextEndMs = Infinity;
  #prunedMs = -Infinity;
  #spentBefore = 0;

  constructor({ budget, key, startMs, endMs }: Account) {
    this.account = { budget, key, startMs, endMs };
  }

  /** Whether calls run. */
  get isInUse(): boolean {
    return this.#live.size > 0;
  }

  /** Progress of the calls that run. */
  get leases(): ReadonlyMap<string, { readonly used: number }> {
    return this.#live;
  }

  /** Begins an operation: ends the leases that are over, and returns their calls. */
  begin(nowMs: number): readonly string[] {
    this.#spentBefore = this.spent;
    if (nowMs - this.#prunedMs >= pruneEveryMs) this.#prune(nowMs);
    return nowMs < this.#nextEndMs ? [] : this.#endLeases(nowMs);
  }

  fits(call: string, { limit, amount }: Hold): boolean {
    const closed = this.#closed.get(call)?.charged;
    if (closed === "settled") return false;
    const before = closed ?? this.#live.get(call)?.amount;
    if (before !== undefined && amount <= before) return true;
    return this.spent + this.held - (before ?? 0) + amount <= limit + this.granted;
  }

  /** @param isGranted false renews the lease of a call and keeps its amount; a call that holds nothing stays without */
  hold(call: string, { limit, amount, used }: Hold, untilMs: number, isGranted: boolean): void {
    this.limit = limit;
    this.#revive(call);
    let lease = this.#live.get(call);
    if (lease === undefined) {
      if (!isGranted) return;
      lease = { amount: 0, used, untilMs };
      this.#live.set(call, lease);
    }
    if (isGranted) {
      this.held += amount - lease.amount;
      lease.amount = amount;
    }
    lease.used = used;
    lease.untilMs = untilMs;
    this.#nextEndMs = Math.min(this.#nextEndMs, untilMs);
  }

  settle(call: string, used: number, nowMs: number): void {
    const closed = this.#closed.get(call)?.charged;
    if (closed === "settled") return;
    this.held -= this.#live.get(call)?.amount ?? 0;
    this.spent = Math.max(0, this.spent - (closed ?? 0) + used);
    this.#live.delete(call);
    this.#closed.set(call, { charged: "settled", untilMs: nowMs + settledKeptMs });
  }

  reset(): void {
    this.spent = 0;
    this.granted = 0;
    for (const [call, { charged }] of this.#closed) if (charged !== "settled") this.#closed.delete(call);
  }

  standing(): ChangedStanding {
    const { limit, spent, held, granted } = this;
    return { ...this.account, limit, spent, held, granted, spentBefore: this.#spentBefore };
  }

  /** A call whose lease ended while its process was cut off goes on: it holds what it was charged. */
  #revive(call: string): void {
    const charged = this.#closed.get(call)?.charged;
    if (charged === undefined || charged === "settled") return;
    this.#closed.delete(call);
    const amount = Math.min(charged, this.spent);
    this.spent -= amount;
    this.held += amount;
    this.#live.set(call, { amount, used: amount, untilMs: Infinity });
  }

  #endLeases(nowMs: number): string[] {
    const ended: string[] = [];
    this.#nextEndMs = Infinity;
    for (const [call, { amount, used, untilMs }] of this.#live) {
      if (untilMs > nowMs) this.#nextEndMs = Math.min(this.#nextEndMs, untilMs);
      else {
        this.held -= amount;
        this.spent += used;
        this.#live.delete(call);
        this.#closed.set(call, { charged: used, untilMs: nowMs + expiredKeptMs });
        ended.push(call);
      }
    }
    return ended;
  }

  #prune(nowMs: number): void {
    this.#prunedMs = nowMs;
    for (const [call, { untilMs }] of this.#closed) if (untilMs <= nowMs) this.#closed.delete(call);
  }
}
