import { usedOf } from "./amounts.ts";
import type { BudgetedUsage } from "./call.ts";
import { dearestOf, type Prices, tariffs } from "./money/prices.ts";
import { fromInteger } from "./money/units.ts";

/**
 * The cost of a call in units of the currency; `undefined` if one of its models has no price.
 *
 * @param otherModels models that a router may have chosen instead, or that tools call: the dearest of all counts, as in a budget
 */
export type CallCost = (model: string | undefined, usage: BudgetedUsage, otherModels?: readonly string[]) => number | undefined;

/**
 * Makes the function that computes what a call has cost, for logs and bills.
 *
 * @throws OptionError for bad prices
 */
export function callCosts(prices: Prices): CallCost {
  const tariffOf = tariffs(prices);
  const { currency } = prices;
  return (model, usage, otherModels = []) => {
    const tariff = dearestOf([model, ...otherModels].map(tariffOf));
    return tariff === undefined ? undefined : fromInteger(currency, usedOf(currency, usage, tariff));
  };
}
