import type { IncomingMessage } from "node:http";

import { isWaiting } from "@aivillage/admission";
import { getAiCall, getAiProgress } from "@aivillage/ai-call";
import { getPrincipal } from "@aivillage/api-key-auth";
import { type Handler, nameTest, optionError } from "@aivillage/middleware";
import { getRoute } from "@aivillage/router";
import { type Budget, type BudgetOperator, type BudgetStanding, tokenBudget } from "@aivillage/token-budget";

import { budgetOptions, priceOptions } from "../config/options/budget-options.ts";
import type { BudgetConditions, BudgetConfig } from "../config/settings/budget-config.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { Budgets } from "../state/budget-store.ts";
import { limitKeys } from "../state/client-key.ts";

/** The budgets of one configuration, for all AI routes. */
export interface BudgetsPart {
  /** Admits and charges the calls of AI routes. Mount it after what reads the call, and before admission. */
  readonly handlers: readonly Handler[];
  /** How the budgets of a caller stand. Rejects with a problem while the store is down. */
  readonly standing: (req: IncomingMessage) => Promise<readonly BudgetStanding[]>;
  /** What the operator sees and changes. */
  readonly operator: BudgetOperator;
  close(): void;
}

export function budgetsPart(config: GatewayConfig, { store }: Budgets): BudgetsPart {
  const { limits, onEnd } = config.budgets;
  if (limits.length === 0) return withoutBudgets;
  const handler = tokenBudget({
    budgets: limits.map(toBudget),
    ...priceOptions(config),
    call: getAiCall,
    usage: getAiProgress,
    isMade: (req) => !isWaiting(req),
    onEnd,
    store: store(),
  });
  return { handlers: [handler], standing: (req) => handler.standing(req), operator: handler, close: () => handler.close() };
}

const noBudget = (name: string): Promise<never> =>
  Promise.reject(optionError("@aivillage/gateway", "budget", "a budget of the configuration, which has none", name));

const withoutBudgets: BudgetsPart = {
  handlers: [],
  standing: () => Promise.resolve([]),
  operator: { list: () => Promise.resolve([]), grant: noBudget, reset: noBudget },
  close: () => undefined,
};

/** Of the tier of a key, penalised or not: a penalty must not open another budget. */
const tierOf = (req: IncomingMessage): string => getPrincipal(req)?.tier ?? "anonymous";

/** A principal without a tenant is its own: else it would be free. */
function tenantOf(req: IncomingMessage): string {
  const tenant = getPrincipal(req)?.tenant;
  return tenant === undefined ? limitKeys.principal(req) : `tenant:${tenant}`;
}

const keys: Readonly<Record<NonNullable<BudgetConfig["by"]>, Budget["key"]>> = {
  principal: limitKeys.principal,
  tenant: tenantOf,
  tier: tierOf,
  all: undefined,
};

function toBudget(budget: BudgetConfig): Budget {
  const { name, by = "principal", limit, when = {} } = budget;
  const key = keys[by];
  const meets = condition(when);
  if (by !== "principal") return { ...budgetOptions(budget), ...(key !== undefined && { key }), when: meets };
  const ownLimit = (req: IncomingMessage) => getPrincipal(req)?.budgets?.find((each) => each.name === name)?.limit;
  const applies = limit === undefined ? (req: IncomingMessage) => ownLimit(req) !== undefined && meets(req) : meets;
  return { ...budgetOptions(budget), key: limitKeys.principal, ownLimit, when: applies };
}

function condition({ tiers, tenants, models, routes }: BudgetConditions): (req: IncomingMessage) => boolean {
  const hasModel = models === undefined ? undefined : nameTest(models);
  return (req) => {
    if (tiers !== undefined && !tiers.includes(tierOf(req))) return false;
    if (tenants !== undefined && !tenants.includes(getPrincipal(req)?.tenant ?? "")) return false;
    const call = getAiCall(req);
    // A caller that asks how its budgets stand calls no model: it sees those of all models and routes.
    if (call === undefined) return true;
    const mayUse = hasModel === undefined || [call.model, ...call.otherModels].some(hasModel);
    return mayUse && routes?.includes(getRoute(req) ?? "") !== false;
  };
}
