import { defined } from "@aivillage/middleware";
import type { Budget, TokenBudgetOptions } from "@aivillage/token-budget";

import type { BudgetConfig, PriceConfig } from "../settings/budget-config.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";

/** A budget as the package takes it, without what depends on a request. */
export function budgetOptions({ name, unit, limit = 0, period, timeZone, outage }: BudgetConfig): Budget {
  const span = typeof period === "number" ? { ms: period * 1_000 } : period;
  return { name, unit, limit, period: span, ...defined({ timeZone, outage }) };
}

/** The prices as the package takes them. */
export function priceOptions({ prices: { currency, models, unknownModel } }: GatewayConfig): Pick<TokenBudgetOptions, "prices"> {
  if (currency === "") return {};
  const priced = models.map(({ model, ...price }: PriceConfig) => [model, price] as const);
  return { prices: { currency, models: Object.fromEntries(priced), unknownModel } };
}
