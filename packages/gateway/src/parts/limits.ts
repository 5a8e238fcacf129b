import type { IncomingMessage } from "node:http";

import { getPrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { getRateLimit, ipKey, type Policy, rateLimit, type RateLimitHandler, type Store } from "@aivillage/rate-limit";

import type { GatewayConfig } from "../config/gateway-config.ts";

/** How many times the configured requests a key of tier `premium` may send. */
const premiumFactor = 5;

/**
 * The tier of a request: `suspicious` while its client is penalised, otherwise that of its verified principal, or `anonymous`.
 */
export function getTier(req: IncomingMessage): string {
  return getRateLimit(req)?.penalised === true ? "suspicious" : (getPrincipal(req)?.tier ?? "anonymous");
}

/**
 * Three limits, of which each request meets one: anonymous by client address, authenticated and premium by key and client
 * address, so that the clients of a shared key do not spend each other's budget. A client that goes far beyond its limit, or is
 * reported by `penalize()`, has a quarter of it for a while.
 */
export function limitsPart({ rateLimit: { requests, windowSeconds } }: GatewayConfig, store: Store | undefined): RateLimitHandler {
  const windowMs = windowSeconds * 1_000;
  // With its kind, since the subject of a token may be spelt like the id of a key.
  const verified = (req: IncomingMessage): string => {
    const principal = getPrincipal(req);
    return `${principal?.kind}:${principal?.id} ${ipKey(getClientIp(req))}`;
  };
  const premium = (req: IncomingMessage): boolean => getPrincipal(req)?.tier === "premium";
  const policies: readonly Policy[] = [
    { name: "anonymous", limit: requests, windowMs, when: (req) => getPrincipal(req) === undefined },
    { name: "authenticated", limit: requests, windowMs, key: verified, when: (req) => getPrincipal(req) !== undefined && !premium(req) },
    { name: "premium", limit: requests * premiumFactor, windowMs, key: verified, when: premium },
  ];
  return rateLimit({ policies, clientIp: getClientIp, tier: getTier, penalty: {}, ...(store !== undefined && { store }) });
}
