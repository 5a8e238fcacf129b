import type { BudgetConfig, PriceConfig } from "./budget-config.ts";
import { fileSetting, setting } from "./setting.ts";

/** How many tokens, calls and how much money clients may use on AI routes. */
export const budgetSettings = {
  limits: fileSetting<BudgetConfig[]>("budgets", [], "Budgets of tokens, calls and money on AI routes"),
  onEnd: setting<"cut" | "finish">(
    "BUDGET_ON_END",
    "budget-end",
    "cut",
    "What becomes of a stream whose budget ends: `cut` ends it with an error event, `finish` charges what it uses beyond",
  ),
  journal: setting(
    "BUDGET_JOURNAL",
    "text",
    "",
    "File that keeps budgets over a restart of a gateway without `REDIS_URL`; none: memory alone",
  ),
  webhook: {
    url: setting(
      "BUDGET_WEBHOOK_URL",
      "webhook-url",
      "",
      "URL that gets a signed message when 80 or 100 % of a budget are spent; none: log lines alone",
    ),
    secretFile: setting("BUDGET_WEBHOOK_SECRET_FILE", "text", "", "File with the secret that signs the messages: `whsec_` and Base64"),
  },
};

/** What calls cost, for budgets of money. */
export const priceSettings = {
  currency: fileSetting<string>("currency", "", "Currency of the prices, and the unit of budgets of money, such as EUR"),
  models: fileSetting<PriceConfig[]>("prices", [], "Prices of a million tokens by model"),
  unknownModel: fileSetting<"refuse" | "free">(
    "unknown-model",
    "refuse",
    "What happens to a call of a model without a price where a budget counts money: `refuse`, or `free`",
  ),
};
