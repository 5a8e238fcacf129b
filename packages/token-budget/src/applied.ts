import type { IncomingMessage } from "node:http";

import { mostOf, usedOf } from "./amounts.ts";
import type { ReadBudget } from "./budget.ts";
import type { BudgetedUsage } from "./call.ts";
import type { Tariff } from "./money/prices.ts";
import { packageName } from "./package-name.ts";
import type { Charge, Hold } from "./store.ts";

/** A budget that applies to a request: whose it is, its limit and its period. */
export interface Applied {
  readonly budget: ReadBudget;
  readonly key: string;
  readonly limit: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** The budgets that apply to a request now. */
export function appliedTo(req: IncomingMessage, budgets: readonly ReadBudget[], nowMs: number): Applied[] {
  const applied: Applied[] = [];
  for (const budget of budgets) {
    const key = budget.keyFor(req);
    if (key === undefined) continue;
    if (typeof key !== "string")
      throw new TypeError(`${packageName}: \`key\` of budget "${budget.name}" must return a string or undefined`);
    applied.push({ budget, key, limit: budget.limitFor(req), ...budget.spanAt(nowMs) });
  }
  return applied;
}

/** What a call with so much input and output holds. */
export function toHold(
  { budget: { name, unit, outage }, ...account }: Applied,
  [input, output]: readonly [input: number, output: number],
  usage: BudgetedUsage,
  tariff: Tariff | undefined,
): Hold {
  return { ...account, budget: name, outage, amount: mostOf(unit, input, output, tariff), used: usedOf(unit, usage, tariff) };
}

export function toCharge({ budget, key, startMs, endMs }: Applied, used: number): Charge {
  return { budget: budget.name, key, startMs, endMs, used };
}
