import { getPrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { ipKey, type Policy, rateLimit, type RateLimitHandler } from "@aivillage/rate-limit";

import type { GatewayConfig } from "../config/gateway-config.ts";

type Request = Parameters<typeof getPrincipal>[0];

/** How many times the configured requests a key of tier `premium` may send. */
const premiumFactor = 5;

/** The tier of a request: `anonymous` until a credential has been verified. */
export function getTier(req: Request): string {
  return getPrincipal(req)?.tier ?? "anonymous";
}

/**
 * Three limits, of which each request meets one: anonymous by client address, authenticated and premium by key and client
 * address, so that the clients of a shared key do not spend each other's budget.
 */
export function limitsPart({ rateLimit: { requests, windowSeconds } }: GatewayConfig): RateLimitHandler {
  const windowMs = windowSeconds * 1_000;
  // With its kind, since the subject of a token may be spelt like the id of a key.
  const verified = (req: Request): string => {
    const principal = getPrincipal(req);
    return `${principal?.kind}:${principal?.id} ${ipKey(getClientIp(req))}`;
  };
  const premium = (req: Request): boolean => getTier(req) === "premium";
  const policies: readonly Policy[] = [
    { name: "anonymous", limit: requests, windowMs, when: (req) => getPrincipal(req) === undefined },
    { name: "authenticated", limit: requests, windowMs, key: verified, when: (req) => getPrincipal(req) !== undefined && !premium(req) },
    { name: "premium", limit: requests * premiumFactor, windowMs, key: verified, when: premium },
  ];
  return rateLimit({ policies, clientIp: getClientIp, tier: getTier });
}
