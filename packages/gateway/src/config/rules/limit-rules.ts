import type { PenaltyOptions } from "@aivillage/rate-limit";

import type { GatewayConfig } from "../settings/gateway-config.ts";
import type { RouteLimit } from "../settings/route-access.ts";

/** No machine serves as many requests in a second, so a limit of that height is none. */
export const impossiblePerSecond = 100_000_000;
/** More than one process serves. */
export const highPerSecond = 100_000;

/** Every limit with the setting that sets it, as requests a second. */
export function allLimits({ rateLimit, routes }: GatewayConfig): readonly { readonly setting: string; readonly perSecond: number }[] {
  const limits: [string, RouteLimit][] = [
    ["RATE_LIMIT_REQUESTS", rateLimit],
    ...rateLimit.tiers.map((tier): [string, RouteLimit] => [`\`rateLimit.tiers\` ${tier.name}`, tier]),
    ...routes.flatMap(({ path, limits: own = [] }) => own.map((limit): [string, RouteLimit] => [`\`routes\` ${path} \`limits\``, limit])),
  ];
  return limits.map(([setting, { requests, windowSeconds = rateLimit.windowSeconds }]) => ({
    setting,
    perSecond: requests / windowSeconds,
  }));
}

/** The lengths of penalties as the package takes them. */
export function penaltyOptions({ seconds, maxSeconds }: GatewayConfig["rateLimit"]["penalty"]): PenaltyOptions {
  return { durationMs: seconds * 1_000, maxDurationMs: maxSeconds * 1_000 };
}
