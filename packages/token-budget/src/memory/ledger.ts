import type { Change } from "../change.ts";
import {
  type Account,
  type AccountFilter,
  type ChangedStanding,
  type Charge,
  type Hold,
  type HoldResult,
  keptAfterPeriodMs,
  mostListed,
  type Standing,
} from "../store.ts";
import { AccountLedger } from "./account-ledger.ts";

/** Clocks in milliseconds: one that only goes forward, for leases, and the time of day, for periods. */
export interface Clock {
  steadyMs(): number;
  timeMs(): number;
}

export const systemClock: Clock = { steadyMs: () => performance.now(), timeMs: () => Date.now() };

/** Too many accounts are in use at once. */
class LedgerFullError extends Error {
  override readonly name = "LedgerFullError";
}

/** The accounts of this process. Every operation takes one step: nothing comes between its parts. */
export class Ledger {
  readonly #accounts = new Map<string, AccountLedger>();
  readonly #maxAccounts: number;
  readonly #clock: Clock;
  readonly #log: ((changes: readonly Change[]) => void) | undefined;

  constructor(maxAccounts: number, clock: Clock = systemClock, log?: (changes: readonly Change[]) => void) {
    this.#maxAccounts = maxAccounts;
    this.#clock = clock;
    this.#log = log;
  }

  get size(): number {
    return this.#accounts.size;
  }

  hold(call: string, holds: readonly Hold[], leaseMs: number): HoldResult {
    const untilMs = this.#clock.steadyMs() + leaseMs;
    const ledgers = this.#begin(holds);
    const allowed = holds.every((hold, index) => ledgers[index]?.fits(call, hold));
    const changes: Change[] = [];
    for (const [index, ledger] of ledgers.entries()) {
      const hold = holds[index] as Hold;
      ledger.hold(call, hold, untilMs, allowed);
      if (ledger.leases.has(call)) changes.push(["hold", ledger.account, call, hold.used]);
    }
    this.#note(changes);
    return { allowed, standings: ledgers.map((ledger) => ledger.standing()) };
  }

  settle(call: string, charges: readonly Charge[]): ChangedStanding[] {
    const nowMs = this.#clock.steadyMs();
    const ledgers = this.#begin(charges);
    const changes = ledgers.map((ledger, index): Change => {
      ledger.settle(call, charges[index]?.used ?? 0, nowMs);
      return ["end", ledger.account, call, ledger.spent];
    });
    this.#note(changes);
    return ledgers.map((ledger) => ledger.standing());
  }

  read(accounts: readonly Account[]): Standing[] {
    return accounts.map((account) => {
      const known = this.#accounts.get(nameOf(account));
      if (known === undefined) return { ...account, limit: 0, spent: 0, held: 0, granted: 0 };
      this.#endLeases(known);
      return known.standing();
    });
  }

  list({ budget, key }: AccountFilter = {}): Standing[] {
    const listed: Standing[] = [];
    for (const ledger of this.#accounts.values()) {
      if ((budget ?? ledger.account.budget) !== ledger.account.budget || (key ?? ledger.account.key) !== ledger.account.key) continue;
      this.#endLeases(ledger);
      listed.push(ledger.standing());
      if (listed.length === mostListed) break;
    }
    return listed;
  }

  grant(account: Account, amount: number): Standing {
    const [ledger] = this.#begin([account]) as [AccountLedger];
    ledger.granted += amount;
    return this.#set(ledger);
  }

  reset(account: Account): Standing {
    const [ledger] = this.#begin([account]) as [AccountLedger];
    ledger.reset();
    return this.#set(ledger);
  }

  /** Takes what was spent and granted before this process began. */
  restore(account: Account, spent: number, granted: number): void {
    const [ledger] = this.#begin([account]) as [AccountLedger];
    ledger.spent = spent;
    ledger.granted = granted;
  }

  /** Everything that must survive the process, as changes of an empty ledger. */
  *snapshot(): Iterable<Change> {
    for (const { account, spent, granted, leases } of this.#accounts.values()) {
      yield ["set", account, spent, granted];
      for (const [call, { used }] of leases) yield ["hold", account, call, used];
    }
  }

  /** Ends leases, and forgets the accounts whose period is long over. */
  sweep(): void {
    const endedBeforeMs = this.#clock.timeMs() - keptAfterPeriodMs;
    for (const [name, ledger] of this.#accounts) {
      this.#endLeases(ledger);
      if (ledger.account.endMs <= endedBeforeMs && !ledger.isInUse) this.#accounts.delete(name);
    }
  }

  #begin(accounts: readonly Account[]): AccountLedger[] {
    return accounts.map((account) => {
      const ledger = this.#account(account);
      this.#endLeases(ledger);
      return ledger;
    });
  }

  #endLeases(ledger: AccountLedger): void {
    const ended = ledger.begin(this.#clock.steadyMs());
    if (ended.length > 0) this.#note(ended.map((call): Change => ["end", ledger.account, call, ledger.spent]));
  }

  #account(account: Account): AccountLedger {
    const name = nameOf(account);
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    if (this.#accounts.size >= this.#maxAccounts) this.sweep();
    if (this.#accounts.size >= this.#maxAccounts) throw new LedgerFullError(`all ${this.#maxAccounts} accounts are in use`);
    const made = new AccountLedger(account);
    this.#accounts.set(name, made);
    return made;
  }

  #set(ledger: AccountLedger): Standing {
    this.#note([["set", ledger.account, ledger.spent, ledger.granted]]);
    return ledger.standing();
  }

  #note(changes: readonly Change[]): void {
    if (changes.length > 0) this.#log?.(changes);
  }
}

function nameOf({ budget, key, startMs }: Account): string {
  return `${startMs} ${budget} ${key}`;
}
