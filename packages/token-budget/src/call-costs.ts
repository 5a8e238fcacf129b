import { usedOf } from "./amounts.ts";
import type { BudgetedUsage } from "./call.ts";
import { type Prices, tariffs } from "./money/prices.ts";
import { fromInteger } from "./money/units.ts";

/**
 * Makes the function that computes what a call has cost, in units of the currency, for logs and bills. It returns `undefined` for a model
 * without a price.
 *
 * @throws OptionError for bad prices
 */
export function callCosts(prices: Prices): (model: string | undefined, usage: BudgetedUsage) => number | undefined {
  const tariffOf = tariffs(prices);
  const { currency } = prices;
  return (model, usage) => {
    const tariff = tariffOf(model);
    return tariff === undefined ? undefined : fromInteger(currency, usedOf(currency, usage, tariff));
  };
}
