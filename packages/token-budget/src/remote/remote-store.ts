import { OutageDetector } from "@aivillage/middleware";

import { budgetStoreAvailabilityChanged, type BudgetStoreAvailabilityChanged } from "../events.ts";
import { Ledger } from "../memory/ledger.ts";
import type { Account, AccountFilter, BudgetStore, ChangedStanding, Charge, Hold, HoldResult, Standing } from "../store.ts";
import type { ReadRemoteOptions } from "./remote-options.ts";
import type { RemoteBudgets } from "./remote.ts";
import { UndeliveredCharges } from "./undelivered.ts";

/** Whether the other side has confirmed what a call holds. */
type Known = "confirmed" | "alone";

/** A store whose budgets are somewhere else, with a deadline for each operation, and policies for the time without it. */
export class RemoteStore implements BudgetStore {
  readonly #remote: RemoteBudgets;
  readonly #instances: number;
  readonly #outages: OutageDetector;
  /** What is counted while the other side is unavailable. */
  readonly #local: Ledger;
  readonly #undelivered: UndeliveredCharges;
  /** Calls that run. */
  readonly #calls = new Map<string, Known>();
  readonly #timer: NodeJS.Timeout;

  constructor(store: BudgetStoreAvailabilityChanged["store"], remote: RemoteBudgets, options: ReadRemoteOptions) {
    const { deadlineMs, probeEveryMs, instances, maxAccounts } = options;
    this.#remote = remote;
    this.#instances = instances;
    this.#local = new Ledger(maxAccounts);
    this.#undelivered = new UndeliveredCharges(store, (call, { charges, unknown }) =>
      this.#outages.run(() => remote.settle(call, charges, unknown)),
    );
    this.#outages = new OutageDetector({
      deadlineMs,
      probeEveryMs,
      probe: () => remote.probe(),
      onChange: (available, reason) => {
        if (budgetStoreAvailabilityChanged.hasSubscribers) budgetStoreAvailabilityChanged.publish({ store, available, reason });
        if (available) void this.#undelivered.deliver();
      },
    });
    this.#timer = setInterval(() => this.#onBeat(), probeEveryMs).unref();
  }

  /** False while the outage policies decide. */
  get isAvailable(): boolean {
    return !this.#outages.isOpen;
  }

  /** Calls that have ended, but are not charged yet. */
  get undelivered(): number {
    return this.#undelivered.size;
  }

  /** Asks the other side for a sign of life, and gives Redis the scripts. Resolves whether it gave one, whenever that is. */
  async ready(): Promise<boolean> {
    return this.#remote.probe().then(
      () => true,
      () => false,
    );
  }

  hold(call: string, holds: readonly Hold[], leaseMs: number): HoldResult | Promise<HoldResult> {
    if (this.#outages.isOpen) return this.#holdAlone(call, holds, leaseMs);
    return this.#outages
      .run(() => this.#remote.hold(call, holds, leaseMs))
      .then(
        (result) => {
          if (result.allowed) this.#calls.set(call, "confirmed");
          return result;
        },
        (error: unknown) => {
          // It may have come into effect. A call that is refused now must not go on holding there.
          const result = this.#holdAlone(call, holds, leaseMs, error);
          if (!result.allowed) this.#cancel(call, holds);
          return result;
        },
      );
  }

  async settle(call: string, charges: readonly Charge[]): Promise<readonly ChangedStanding[]> {
    const known = this.#calls.get(call);
    this.#calls.delete(call);
    if (known === "alone") this.#local.settle(call, charges);
    try {
      return await this.#outages.run(() => this.#remote.settle(call, charges, "charge"));
    } catch {
      this.#undelivered.add(call, { charges, unknown: known === "confirmed" ? "skip" : "charge" });
      return [];
    }
  }

  read(accounts: readonly Account[]): Promise<readonly Standing[]> {
    return this.#outages.run(() => this.#remote.read(accounts));
  }

  list(filter?: AccountFilter): Promise<readonly Standing[]> {
    return this.#remote.list(filter);
  }

  grant(account: Account, amount: number): Promise<Standing> {
    return this.#outages.run(() => this.#remote.grant(account, amount));
  }

  reset(account: Account): Promise<Standing> {
    return this.#outages.run(() => this.#remote.reset(account));
  }

  /** Stops the timers; the client or channel to the other side stays open. */
  close(): void {
    clearInterval(this.#timer);
    this.#outages.close();
  }

  #onBeat(): void {
    this.#local.sweep();
    if (!this.#outages.isOpen) void this.#undelivered.deliver();
  }

  /**
   * Decides by the outage policies of the budgets. Throws for a new call that one of them refuses, and for a running one that this process cannot
   * decide about: what it holds is known to the other side alone, so it goes on, but gets no more.
   */
  #holdAlone(call: string, holds: readonly Hold[], leaseMs: number, cause?: unknown): HoldResult {
    const isRunning = this.#calls.has(call);
    if (holds.some(({ outage }) => (outage ?? "closed") === "closed")) {
      if (!isRunning && cause !== undefined) this.#cancel(call, holds);
      throw unavailable(cause);
    }
    const local = holds.filter(({ outage }) => outage === "local");
    const shares = local.map((hold) => ({ ...hold, limit: Math.floor(hold.limit / this.#instances) }));
    const { allowed, standings } = this.#local.hold(call, shares, leaseMs);
    if (!allowed && isRunning) throw unavailable(cause);
    if (allowed && !isRunning) this.#calls.set(call, "alone");
    return { allowed, standings: holds.map((hold) => standings[local.indexOf(hold)] ?? unknownStanding(hold)) };
  }

  #cancel(call: string, holds: readonly Hold[]): void {
    if (this.#calls.has(call)) return;
    this.#undelivered.add(call, { charges: holds.map((hold) => ({ ...hold, used: 0 })), unknown: "charge" });
  }
}

function unavailable(cause: unknown): Error {
  return new Error("the store of the budgets is unavailable", { cause });
}

function unknownStanding({ budget, key, startMs, endMs, limit, amount }: Hold): ChangedStanding {
  return { budget, key, startMs, endMs, limit, spent: 0, held: amount, granted: 0, spentBefore: 0 };
}
