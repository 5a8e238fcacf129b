import type { ReadBudget } from "./budget.ts";
import { type BudgetStanding, budgetThresholdReached } from "./events.ts";
import { fromInteger } from "./money/units.ts";
import type { ChangedStanding, Standing } from "./store.ts";

/** How a budget stands, as people read it. */
export function toBudgetStanding({ name, unit }: ReadBudget, limit: number, { spent, held, granted, endMs }: Standing): BudgetStanding {
  const whole = Math.max(0, limit + granted);
  return {
    budget: name,
    unit,
    limit: fromInteger(unit, whole),
    spent: fromInteger(unit, spent),
    held: fromInteger(unit, held),
    remaining: fromInteger(unit, Math.max(0, whole - spent - held)),
    resetsAt: new Date(endMs),
  };
}

const thresholds = [80, 100];

/** Reports the thresholds that a charge has reached, each once for a limit: a grant makes another one, of which they are reached again. */
export function publishThresholds({ name, unit }: Pick<ReadBudget, "name" | "unit">, limit: number, changed: ChangedStanding): void {
  const { spent, spentBefore, granted, key, endMs } = changed;
  const whole = limit + granted;
  if (spent <= spentBefore || whole <= 0 || !budgetThresholdReached.hasSubscribers) return;
  for (const percent of thresholds) {
    const threshold = (whole * percent) / 100;
    if (spentBefore >= threshold || spent < threshold) continue;
    const [shownLimit, shownSpent] = [fromInteger(unit, whole), fromInteger(unit, spent)];
    budgetThresholdReached.publish({ budget: name, unit, key, percent, limit: shownLimit, spent: shownSpent, resetsAt: new Date(endMs) });
  }
}
