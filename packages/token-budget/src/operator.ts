import { optionError } from "@aivillage/middleware";

import type { ReadBudget } from "./budget.ts";
import type { BudgetStanding } from "./events.ts";
import { budgetUnavailable } from "./http/problems.ts";
import { fromInteger, mostUnits, toInteger } from "./money/units.ts";
import { packageName } from "./package-name.ts";
import { toBudgetStanding } from "./standing.ts";
import type { Account, AccountFilter, BudgetStore, Standing } from "./store.ts";

/** How a budget of one key stands, for operators. */
export interface BudgetAccount extends BudgetStanding {
  /** Whose it is, as the option `key` returned it; empty for a budget that all share. */
  readonly key: string;
  /** What was granted beyond the limit, for this period. */
  readonly granted: number;
  /** First instant of the period. */
  readonly startsAt: Date;
}

/** What operators see and change of budgets, in their units. Everything rejects with a 503 problem while the store is unavailable. */
export interface BudgetOperator {
  /** The accounts of the current periods that are in use, by budget and key. */
  list(filter?: AccountFilter): Promise<readonly BudgetAccount[]>;
  /**
   * Adds to the limit of a key until the period ends; a negative amount takes back.
   *
   * @throws OptionError for a budget that is unknown, or an amount that cannot be counted
   */
  grant(budget: string, key: string, amount: number): Promise<BudgetAccount>;
  /** Forgets what a key has spent and was granted in this period. Running calls go on holding. @throws OptionError for an unknown budget */
  reset(budget: string, key: string): Promise<BudgetAccount>;
}

export function budgetOperator(budgets: readonly ReadBudget[], store: BudgetStore): BudgetOperator {
  const byName = new Map(budgets.map((budget) => [budget.name, budget]));

  function accountOf(budget: string, key: string): readonly [ReadBudget, Account] {
    const known = byName.get(budget);
    if (known === undefined) throw optionError(packageName, "budget", `one of ${[...byName.keys()].join(", ")}`, budget);
    return [known, { budget, key, ...known.spanAt(Date.now()) }];
  }

  return {
    async list(filter) {
      const nowMs = Date.now();
      const standings = await available(() => store.list(filter));
      const current = standings.filter(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs);
      const accounts = current.flatMap((standing) => {
        const budget = byName.get(standing.budget);
        return budget === undefined ? [] : [toAccount(budget, standing)];
      });
      return accounts.toSorted((one, other) => compare(one.budget, other.budget) || compare(one.key, other.key));
    },
    async grant(name, key, amount) {
      const [budget, account] = accountOf(name, key);
      const added = toInteger(budget.unit, amount);
      if (!Number.isInteger(added) || Math.abs(added) > mostUnits)
        throw optionError(packageName, "amount", "an amount of the unit", amount);
      return toAccount(budget, await available(() => store.grant(account, added)));
    },
    async reset(name, key) {
      const [budget, account] = accountOf(name, key);
      return toAccount(budget, await available(() => store.reset(account)));
    },
  };
}

/** The limit is that which calls named last; before the first call, a fixed one is known all the same. */
function toAccount(budget: ReadBudget, standing: Standing): BudgetAccount {
  const limit = standing.limit === 0 ? (budget.fixedLimit ?? 0) : standing.limit;
  const { key, granted, startMs } = standing;
  return {
    ...toBudgetStanding(budget, limit, standing),
    key,
    granted: fromInteger(budget.unit, granted),
    startsAt: new Date(startMs),
  };
}

/** What a store returns; what it fails with becomes a 503 problem. */
export async function available<T>(operation: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw budgetUnavailable(error);
  }
}

const { compare } = new Intl.Collator("en", { numeric: true });
