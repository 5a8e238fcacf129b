import type { GatewayConfig } from "./gateway-config.ts";

/** No machine serves as many requests in a second, so a limit of that height is none. */
export const impossiblePerSecond = 100_000_000;
/** More than one process serves. */
export const highPerSecond = 100_000;

/** Every limit with the setting that sets it, as requests a second. */
export function allLimits({ rateLimit, routes }: GatewayConfig): readonly { readonly setting: string; readonly perSecond: number }[] {
  const { requests, windowSeconds, tiers } = rateLimit;
  const limits = [
    { setting: "RATE_LIMIT_REQUESTS", requests, windowSeconds },
    ...tiers.map(({ name, ...limit }) => ({ setting: `\`rateLimit.tiers\` ${name}`, ...limit })),
    ...routes.flatMap(({ path, limits: own = [] }) => own.map((limit) => ({ setting: `\`routes\` ${path} \`limits\``, ...limit }))),
  ];
  return limits.map(({ setting, requests: count, windowSeconds: seconds = windowSeconds }) => ({ setting, perSecond: count / seconds }));
}
