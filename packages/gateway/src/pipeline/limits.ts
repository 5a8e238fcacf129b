import type { IncomingMessage } from "node:http";

import { getPrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import type { Handler } from "@aivillage/middleware";
import { getRateLimit, type Policy, rateLimit } from "@aivillage/rate-limit";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { RouteLimit } from "../config/settings/route-access.ts";
import type { TierConfig } from "../config/settings/tier-config.ts";
import { limitKeys } from "../state/client-key.ts";
import type { Counts } from "../state/rate-limit-store.ts";

/** How many times the configured requests a key of tier `premium` may send, unless `rateLimit.tiers` says otherwise. */
const premiumFactor = 5;

/**
 * The tier of a request: `suspicious` while its client is penalised, otherwise that of its verified principal, or `anonymous`.
 */
export function getTier(req: IncomingMessage): string {
  return getRateLimit(req)?.penalised === true ? "suspicious" : (getPrincipal(req)?.tier ?? "anonymous");
}

/** Makes the limit of a route: that of the client's tier, which all routes share, and those of the route itself. */
export type MakeLimit = (routeName?: string, limits?: readonly RouteLimit[]) => Handler & { close(): void };

/**
 * A request meets the limit of its tier, counted for its principal or as `limitBy` says. A client that goes far beyond its limit, or is reported to the
 * penalties, has a quarter of it for a while.
 */
export function limitsPart({ rateLimit: settings }: GatewayConfig, { store, penalties }: Counts): MakeLimit {
  const { requests, windowSeconds, limitBy, tiers, allow } = settings;
  const named = new Map<string, TierConfig>([
    ["anonymous", { name: "anonymous", requests }],
    ["authenticated", { name: "authenticated", requests }],
    ["premium", { name: "premium", requests: requests * premiumFactor }],
    ...tiers.map((tier) => [tier.name, tier] as const),
  ]);
  const tierOf = (req: IncomingMessage): string => {
    const principal = getPrincipal(req);
    if (principal === undefined) return "anonymous";
    return named.has(principal.tier) ? principal.tier : "authenticated";
  };
  const policyOf = (name: string, limit: RouteLimit): Policy => ({
    name,
    limit: limit.requests,
    windowMs: (limit.windowSeconds ?? windowSeconds) * 1_000,
    key: limitKeys[limit.limitBy ?? limitBy],
  });
  const shared = [...named.values()].map((tier) => {
    const when = (req: IncomingMessage): boolean => tierOf(req) === tier.name;
    return Object.assign(policyOf(tier.name, tier), { when });
  });
  const common = { clientIp: getClientIp, tier: getTier, allow, store, penalty: penalties };
  return (route = "", limits = []) => {
    const own = limits.map((limit, index) => policyOf(`${route}.${index + 1}`, limit));
    return rateLimit({ policies: [...shared, ...own], ...common });
  };
}
