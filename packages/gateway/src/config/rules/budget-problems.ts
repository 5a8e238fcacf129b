import { FileSnapshot, nearest, OptionError } from "@aivillage/middleware";
import { budgetWebhook, tokenBudget } from "@aivillage/token-budget";

import { ConfigError } from "../loader/config-error.ts";
import { readSecret } from "../loader/header-values.ts";
import { budgetOptions, priceOptions } from "../options/budget-options.ts";
import type { BudgetConfig } from "../settings/budget-config.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import { folderProblems } from "./folder-problems.ts";

/** What is wrong with budgets and prices beyond the form of each. */
export function budgetProblems(config: GatewayConfig): string[] {
  const { budgets } = config;
  const problems = [...priceProblems(config), ...budgets.limits.flatMap((budget, index) => problemsOf(budget, index, config))];
  return [...(problems.length > 0 ? problems : packageProblems(config)), ...journalProblems(config), ...webhookProblems(config)];
}

function problemsOf(budget: BudgetConfig, index: number, config: GatewayConfig): string[] {
  const { name, unit, limit, by = "principal", when = {} } = budget;
  const { limits } = config.budgets;
  const { currency } = config.prices;
  const place = `\`budgets.limits\`[${index}] ${name}`;
  const isMoney = /^[A-Z]{3}$/.test(unit);
  const first = limits.findIndex((other) => other.name === name);
  return [
    ...(first === index ? [] : [`has the name of [${first}]: give one of them another, as both would be one budget`]),
    ...(limit === undefined && by !== "principal"
      ? [`has no \`limit\`: set one, since only a budget \`by: principal\` takes those of keys`]
      : []),
    ...(limit === undefined && config.auth.apiKeysFile === "" ? ["has no `limit`, and no API_KEYS_FILE has one: set one of them"] : []),
    ...(isMoney && currency === "" ? [`counts ${unit}, but there are no prices: set \`prices.currency\` and \`prices.models\``] : []),
    ...(isMoney && currency !== "" && unit !== currency ? [`counts ${unit}, but the prices are in ${currency}: use that`] : []),
    ...(when.routes ?? []).flatMap((path) => routeProblem(path, config)),
  ].map((problem) => `${place} ${problem}`);
}

function routeProblem(path: string, { routes }: GatewayConfig): string[] {
  const metered = routes.filter(({ ai }) => ai !== undefined).map((route) => route.path);
  if (metered.includes(path)) return [];
  if (routes.some((route) => route.path === path)) return [`names the route ${path}, which has no \`ai\`: give it one, or remove it here`];
  const near = nearest(path, metered);
  const known = metered.length === 0 ? "give a route `ai`" : `give one of ${metered.slice(0, 20).join(", ")}`;
  return [`names ${path}, which is not the path of a route: ${near === undefined ? known : `did you mean ${near}?`}`];
}

function priceProblems({ prices: { currency, models } }: GatewayConfig): string[] {
  const names = models.map(({ model }) => model);
  return [
    ...(currency === "" && models.length > 0 ? ["`prices.models` has prices without a currency: set `prices.currency`, such as EUR"] : []),
    ...names.flatMap((name, index) =>
      names.indexOf(name) === index ? [] : [`\`prices.models\`[${index}] ${name} has a price already: keep one of them`],
    ),
  ];
}

/** Time zones, and numbers that cannot be counted: only the package knows them. */
function packageProblems(config: GatewayConfig): string[] {
  const { limits } = config.budgets;
  if (limits.length === 0) return [];
  const nothing = (): undefined => undefined;
  try {
    tokenBudget({ budgets: limits.map(budgetOptions), ...priceOptions(config), call: nothing, usage: nothing }).close();
    return [];
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return [`\`${error.option.replace(/^budgets\[/, "budgets.limits[")}\` must be ${error.expected}, got ${error.got}`];
  }
}

function journalProblems({ budgets: { journal, limits }, rateLimit: { redisUrl } }: GatewayConfig): string[] {
  if (redisUrl !== "") return journal === "" ? [] : ["BUDGET_JOURNAL is set, but Redis keeps the budgets: unset it, or REDIS_URL"];
  if (journal !== "") return folderProblems("BUDGET_JOURNAL", journal);
  return limits.flatMap(({ name, period }, index) =>
    period === "month"
      ? [`\`budgets.limits\`[${index}] ${name} lasts a month, but a restart forgets what was used: set BUDGET_JOURNAL or REDIS_URL`]
      : [],
  );
}

function webhookProblems({ budgets: { webhook } }: GatewayConfig): string[] {
  const { url, secretFile } = webhook;
  if (url === "") return secretFile === "" ? [] : ["BUDGET_WEBHOOK_SECRET_FILE is set without BUDGET_WEBHOOK_URL: set both, or none"];
  if (secretFile === "") return ["BUDGET_WEBHOOK_URL is set without BUDGET_WEBHOOK_SECRET_FILE: set both, or none"];
  try {
    void budgetWebhook({ url, secret: readSecret(secretFile, new FileSnapshot()) }).close();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems];
    if (!(error instanceof OptionError)) throw error;
    const name = error.option === "url" ? "BUDGET_WEBHOOK_URL" : `BUDGET_WEBHOOK_SECRET_FILE ${secretFile}`;
    return [`${name} must ${error.option === "url" ? "be" : "hold"} ${error.expected}`];
  }
}
