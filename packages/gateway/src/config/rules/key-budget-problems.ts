import type { KeyEntry } from "@aivillage/api-key-auth/keys-file";
import { nearest } from "@aivillage/middleware";

import type { BudgetConfig } from "../settings/budget-config.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { validEntries } from "./file-rules.ts";

/** The most that a budget counts: tokens and calls, and units of a currency. */
const mostTokens = 1_000_000_000_000_000;
const mostMoney = 1_000_000;

/** What is wrong with the budgets of keys: with a name that no budget has, a key would be free. */
export function keyBudgetProblems({ auth, budgets }: Pick<GatewayConfig, "auth" | "budgets">): string[] {
  return keysFileBudgetProblems(auth.apiKeysFile, budgets.limits, validEntries(auth.apiKeysFile));
}

/** The same for a keys file that changed while it is followed. */
export function keysFileBudgetProblems(path: string, limits: readonly BudgetConfig[], entries: readonly KeyEntry[]): string[] {
  return entries.flatMap(({ revoked, budgets = [] }, index) =>
    revoked === true
      ? []
      : budgets.flatMap((budget) => problemsOf(budget, limits).map((problem) => `keys[${index}] in ${path} ${problem}`)),
  );
}

function problemsOf({ name, limit }: { readonly name: string; readonly limit: number }, limits: readonly BudgetConfig[]): string[] {
  const budget = limits.find((each) => each.name === name);
  if (budget === undefined) {
    const names = limits.map((each) => each.name);
    const meant = nearest(name, names);
    return [
      `names the budget ${name}, which \`budgets.limits\` has not: ${meant === undefined ? "add it there" : `did you mean ${meant}?`}`,
    ];
  }
  if ((budget.by ?? "principal") !== "principal") return [`limits the budget ${name}, which is shared by ${budget.by}: remove it here`];
  const isMoney = /^[A-Z]{3}$/.test(budget.unit);
  if (isMoney ? limit <= mostMoney : Number.isInteger(limit) && limit <= mostTokens) return [];
  const expected = isMoney ? `a number from 0 to ${mostMoney}` : `an integer from 0 to ${mostTokens}`;
  return [`limits the budget ${name} to ${limit}: give ${expected}`];
}
