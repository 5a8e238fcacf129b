import { ConfigError } from "./loader/config-error.ts";
import type { Variables } from "./loader/environment.ts";
import { adminProblems } from "./rules/admin-rules.ts";
import { auditProblems } from "./rules/audit-rules.ts";
import { budgetProblems } from "./rules/budget-problems.ts";
import { upstreamConcurrencyProblems } from "./rules/concurrency-problems.ts";
import { keyBudgetProblems } from "./rules/key-budget-problems.ts";
import { partProblems } from "./rules/part-problems.ts";
import { productionRules } from "./rules/production-rules.ts";
import { routeProblems } from "./rules/route-problems.ts";
import { screeningProblems } from "./rules/screening-problems.ts";
import { targetProblems } from "./rules/target-problems.ts";
import { isProduction } from "./settings/environment-name.ts";
import type { Format, StructuredFormat } from "./settings/format.ts";
import { formats } from "./settings/formats.ts";
import type { GatewayConfig } from "./settings/gateway-config.ts";
import { serviceHealthProblems } from "./settings/health-config.ts";
import { corsProblems } from "./settings/route-cors.ts";
import { type Setting, settings } from "./settings/schema.ts";
import { tierProblems } from "./settings/tier-config.ts";
import { valueAt } from "./settings/value-at.ts";

/** What each configuration was when it was checked: a program may change it afterwards. */
const checked = new WeakMap<GatewayConfig, string>();

/**
 * The one check that everything passes before it is in force: `check-config`, a start, a reload, and a configuration that a program made.
 *
 * @throws ConfigError with every problem, each with its remedy
 */
export function assertConfig(config: GatewayConfig): void {
  const state = JSON.stringify(config);
  if (checked.get(config) === state) return;
  const single = settings.flatMap((setting) => settingProblems(setting, valueAt(config, setting.key)));
  const problems = single.length > 0 ? single : combinedProblems(config);
  if (problems.length > 0) throw new ConfigError(problems);
  checked.set(config, state);
}

/** The process that this configuration comes from has checked it: its files may have changed since, and are followed. */
export function markChecked(config: GatewayConfig): void {
  checked.set(config, JSON.stringify(config));
}

/** What is wrong with settings that are valid one by one, and what production refuses. */
export function combinedProblems(config: GatewayConfig): string[] {
  return [
    ...shortSecret(config),
    ...tierProblems(config.rateLimit.tiers),
    ...serviceHealthProblems(config.health.services),
    ...routeProblems(config),
    ...upstreamConcurrencyProblems(config),
    ...budgetProblems(config),
    ...keyBudgetProblems(config),
    ...auditProblems(config),
    ...screeningProblems(config),
    ...targetProblems(config),
    ...adminProblems(config),
    ...(config.cors.credentials ? corsProblems(config.cors).map((problem) => `CORS_CREDENTIALS ${problem}`) : []),
    ...partProblems(config),
    ...(isProduction(config.environment) ? productionRules.flatMap(({ problems }) => problems(config)) : []),
  ];
}

/** What is wrong with the form of one value. */
export function settingProblems({ key, env, format, sensitive }: Setting, value: unknown, variables: Variables = {}): string[] {
  const { expected, accepts, problems }: Format & Partial<StructuredFormat> = formats[format];
  if (accepts(value)) return [];
  if (problems !== undefined) return problems(value).map((problem) => `\`${key}\`${problem}`);
  const given = env === undefined ? undefined : variables[env];
  const shown = JSON.stringify(given ?? value) ?? "nothing";
  // Where a URL is expected, `@` and `?` are what comes after a password and before a token.
  const got = sensitive || /[@?]/.test(shown) ? "something else (not shown, it may hold a secret)" : shown;
  return [`${given === undefined ? `\`${key}\`` : env} must be ${expected}, got ${got}`];
}

/** HS256 needs a key as long as its digest (RFC 7518, 3.2). */
function shortSecret({ auth: { secretKey } }: GatewayConfig): string[] {
  if (secretKey.length >= 32) return [];
  return ["SECRET_KEY must have at least 32 characters (RFC 7518, 3.2): make one with `openssl rand -hex 32`"];
}
