import type { Account, AccountFilter, ChangedStanding, Charge, Hold, HoldResult, Standing } from "../store.ts";

/** Budgets that are somewhere else. Every operation rejects if the other side does not do it. */
export interface RemoteBudgets {
  hold(call: string, holds: readonly Hold[], leaseMs: number): Promise<HoldResult>;
  /** @param unknown what is done if the other side does not know the call: charge it, or take it as settled already */
  settle(call: string, charges: readonly Charge[], unknown: "charge" | "skip"): Promise<readonly ChangedStanding[]>;
  read(accounts: readonly Account[]): Promise<readonly Standing[]>;
  list(filter?: AccountFilter): Promise<readonly Standing[]>;
  grant(account: Account, amount: number): Promise<Standing>;
  reset(account: Account): Promise<Standing>;
  probe(): Promise<unknown>;
}
