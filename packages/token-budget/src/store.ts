/** What a budget does with calls while its store is unavailable: refuse them, let them pass, or count them in this process alone. */
export type OutagePolicy = "closed" | "open" | "local";

/** One budget of one key in one period. */
export interface Account {
  readonly budget: string;
  readonly key: string;
  /** First instant of the period, in milliseconds since 1970. */
  readonly startMs: number;
  /** First instant of the next period. */
  readonly endMs: number;
}

/** What a call holds of an account. All amounts are integers. */
export interface Hold extends Account {
  readonly limit: number;
  /** The most that the call may use, all in all. */
  readonly amount: number;
  /** What it has used up to now: what it is charged if its process dies. */
  readonly used: number;
  /** Default `closed`. */
  readonly outage?: OutagePolicy;
}

/** What a call has used of an account in the end. */
export interface Charge extends Account {
  readonly used: number;
}

/** How an account stands. */
export interface Standing extends Account {
  /** The limit that calls named last; 0 when none has. */
  readonly limit: number;
  /** What calls that have ended have used. */
  readonly spent: number;
  /** What running calls hold. */
  readonly held: number;
  /** What was granted beyond the limit, for this period. */
  readonly granted: number;
}

/** A standing after a change, and what was spent before it: charges of processes that died count as part of the change. */
export interface ChangedStanding extends Standing {
  readonly spentBefore: number;
}

/** Whether a hold was accepted. */
export interface HoldResult {
  readonly allowed: boolean;
  /** Of each account, in the order of the holds. */
  readonly standings: readonly ChangedStanding[];
}

/** Which accounts to list. */
export interface AccountFilter {
  readonly budget?: string;
  readonly key?: string;
}

type Result<T> = T | PromiseLike<T>;

/**
 * Where budgets are kept.
 *
 * A store promises: what is spent and held never exceeds limit and grants through `hold()`; a call holds in all of its accounts or in none; a
 * hold that is not renewed for its lease is charged what was reported last; each call is charged once, however often it is settled.
 *
 * It may reply at once or with a promise. What it throws or rejects with refuses a new call and an operator with a 503 problem; where a call runs or
 * has ended, nobody can be refused, so a store that cannot deliver a charge must keep and report it.
 */
export interface BudgetStore {
  /**
   * Holds amounts for a call, replaces the amounts that it holds, or renews them with its progress. If an amount does not fit, the call keeps
   * what it held before; progress and lease are renewed all the same.
   */
  hold(call: string, holds: readonly Hold[], leaseMs: number): Result<HoldResult>;
  /** Ends the holds of a call and charges what it has used, also what it did not hold. */
  settle(call: string, charges: readonly Charge[]): Result<readonly ChangedStanding[]>;
  read(accounts: readonly Account[]): Result<readonly Standing[]>;
  /** Accounts that are kept now, those of periods that have just ended included; at most 10,000. */
  list(filter?: AccountFilter): Result<readonly Standing[]>;
  /** Adds to the limit of this period; a negative amount takes back. */
  grant(account: Account, amount: number): Result<Standing>;
  /** Forgets what is spent and granted. Running calls go on holding. */
  reset(account: Account): Result<Standing>;
  /** Stops timers and releases files. Clients that were given stay open. */
  close(): void;
}

export const mostListed = 10_000;

/** How long an account is kept after its period: calls that began in it may run on, and clocks may be set back. */
export const keptAfterPeriodMs = 3_600_000;
/** How long it is remembered what a call was charged when its lease ended, so that a process that was only cut off can correct it. */
export const expiredKeptMs = 3_600_000;
/** How long it is remembered that a call was settled, for a client that sends a command again. */
export const settledKeptMs = 60_000;

export function isBudgetStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { hold, settle, read, list, grant, reset } = value as Partial<Record<keyof BudgetStore, unknown>>;
  return [hold, settle, read, list, grant, reset].every((member) => typeof member === "function");
}
