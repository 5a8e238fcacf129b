import { option, OptionError, readOptions } from "@aivillage/middleware";

import { budgetJournalFailed } from "../events.ts";
import { type Fsync, Journal } from "../journal/journal.ts";
import type { Recovered } from "../journal/lines.ts";
import { packageName } from "../package-name.ts";
import {
  type Account,
  type AccountFilter,
  type BudgetStore,
  type ChangedStanding,
  type Charge,
  type Hold,
  type HoldResult,
  keptAfterPeriodMs,
  type Standing,
} from "../store.ts";
import { type Clock, Ledger, systemClock } from "./ledger.ts";

/** Options of `new MemoryStore()`. */
export interface MemoryStoreOptions {
  /** File that keeps the budgets when the process ends. One process alone may use it. Default: they are gone then. */
  journal?: string;
  /**
   * When a change is on the disk: `always` before the call goes on, `second` within a second, `never` when the operating system writes it. A
   * machine that stops loses what was not on the disk. A process that is killed loses the changes of the last turn of its event loop and
   * those that wait for the write before, unless it is `always`. Default `second`.
   */
  fsync?: Fsync;
  /** Size from which the journal is rewritten, without what is over, in bytes. Default 8,388,608. */
  compactBytes?: number;
  /** Most accounts at once: budgets times keys. A call that needs a further one is refused with 503. Default 100,000. */
  maxAccounts?: number;
}

const sweepEveryMs = 10_000;

/** Budgets in this process, with an optional journal that survives it. */
export class MemoryStore implements BudgetStore {
  readonly #ledger: Ledger;
  readonly #journal: Journal | undefined;
  readonly #timer: NodeJS.Timeout;

  /**
   * @throws OptionError for an unknown or bad option, also for a journal that cannot be read or written
   */
  constructor(options?: MemoryStoreOptions, clock: Clock = systemClock) {
    const { journal, fsync, compactBytes, maxAccounts } = readOptions<MemoryStoreOptions, typeof rules>(packageName, options, rules);
    this.#ledger = new Ledger(maxAccounts, clock, journal === undefined ? undefined : (changes) => this.#journal?.append(changes));
    if (journal !== undefined) this.#journal = this.#open({ path: journal, fsync, compactBytes }, clock);
    this.#timer = setInterval(() => this.#ledger.sweep(), sweepEveryMs).unref();
  }

  /** Number of accounts that are kept. */
  get size(): number {
    return this.#ledger.size;
  }

  hold(call: string, holds: readonly Hold[], leaseMs: number): HoldResult | Promise<HoldResult> {
    return this.#safe(this.#ledger.hold(call, holds, leaseMs));
  }

  settle(call: string, charges: readonly Charge[]): readonly ChangedStanding[] | Promise<readonly ChangedStanding[]> {
    return this.#safe(this.#ledger.settle(call, charges));
  }

  read(accounts: readonly Account[]): readonly Standing[] {
    return this.#ledger.read(accounts);
  }

  list(filter?: AccountFilter): readonly Standing[] {
    return this.#ledger.list(filter);
  }

  grant(account: Account, amount: number): Standing | Promise<Standing> {
    return this.#safe(this.#ledger.grant(account, amount));
  }

  reset(account: Account): Standing | Promise<Standing> {
    return this.#safe(this.#ledger.reset(account));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#journal?.close();
  }

  #safe<T>(result: T): T | Promise<T> {
    return this.#journal?.durable()?.then(() => result) ?? result;
  }

  #open(file: { path: string; fsync: Fsync; compactBytes: number }, clock: Clock): Journal {
    try {
      return new Journal({
        ...file,
        restore: (recovered) => this.#restore(recovered, clock),
        snapshot: () => this.#ledger.snapshot(),
        onFailure: (error) => {
          if (budgetJournalFailed.hasSubscribers) budgetJournalFailed.publish({ path: file.path, error });
        },
      });
    } catch (error) {
      const reason = `the journal ${file.path} cannot be used: ${(error as Error).message}`;
      throw new OptionError({ packageName, option: "journal", expected: "a journal", reason, cause: error });
    }
  }

  /** The process whose calls were running is gone: they are charged what they had used. */
  #restore(recovered: readonly Recovered[], clock: Clock): void {
    for (const { account, spent, granted, running } of recovered) {
      if (account.endMs + keptAfterPeriodMs <= clock.timeMs()) continue;
      let total = spent;
      for (const used of running.values()) total += used;
      this.#ledger.restore(account, total, granted);
    }
  }
}

const rules = {
  journal: option.custom<string | undefined>("a path", undefined, (value) => typeof value === "string" && value !== ""),
  fsync: option.oneOf(["always", "second", "never"], "second"),
  compactBytes: option.integer(8_388_608, { min: 1_024 }),
  maxAccounts: option.integer(100_000, { min: 1, max: 10_000_000 }),
};
