import type { BudgetConfig } from "../settings/budget-config.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";
import type { RouteConfig } from "../settings/route-config.ts";
import { methodsOf } from "../settings/route-matching.ts";

/** Routes by which a caller with a budget may reach models without being metered. */
export function unmeteredRoutes({ budgets: { limits }, routes }: GatewayConfig): string[] {
  return routes.flatMap((route, index) => {
    const { path, upstream, ai } = route;
    if (upstream === undefined || ai !== undefined || !takesPost(route)) return [];
    const missed = limits.filter((budget) => mayUse(budget, route));
    if (missed.length === 0) return [];
    const names = missed.map(({ name }) => name).join(", ");
    return [
      `\`routes\`[${index}] ${path} has no \`ai\`, so calls there are free of the budgets ${names}: give it \`ai\` if it leads to models`,
    ];
  });
}

function takesPost(route: RouteConfig): boolean {
  return methodsOf(route).some((method) => method === "POST" || method === "ANY");
}

/** A budget of certain routes says itself that others do not count. */
function mayUse({ when = {} }: BudgetConfig, { tiers, public: isPublic = false }: RouteConfig): boolean {
  if (when.routes !== undefined) return false;
  if (isPublic || tiers === undefined || when.tiers === undefined) return true;
  return when.tiers.some((tier) => tiers.includes(tier));
}
