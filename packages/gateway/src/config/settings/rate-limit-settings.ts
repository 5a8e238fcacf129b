import { fileSetting, setting } from "./setting.ts";
import type { LimitBy, TierConfig } from "./tier-config.ts";

/** How many requests a client may send. */
export const rateLimitSettings = {
  requests: setting("RATE_LIMIT_REQUESTS", "count", 100, "Requests that one client may send in a window"),
  windowSeconds: setting("RATE_LIMIT_WINDOW", "seconds", 60, "Length of the window in seconds"),
  limitBy: setting<LimitBy>(
    "RATE_LIMIT_BY",
    "limit-by",
    "principal",
    "What shares a limit: `principal`, a key or token wherever it is used; `principal+address`; or `address`",
  ),
  redisUrl: setting("REDIS_URL", "redis-url", "", "Redis or Valkey in which several gateways share their counts; none: counts in memory", {
    sensitive: true,
  }),
  maxKeys: setting(
    "RATE_LIMIT_MAX_KEYS",
    "key-count",
    100_000,
    "Clients that each limit counts apart in memory, about 106 bytes each; with more, those that used least are counted together",
  ),
  allow: setting("RATE_LIMIT_ALLOW", "list", [], "Clients without a limit, such as probes and partners: an address list"),
  tiers: fileSetting<TierConfig[]>("tiers", [], "Limits of tiers by name, instead of what the two above give"),
  penalty: {
    seconds: setting("PENALTY_SECONDS", "seconds", 60, "Seconds that the first penalty of a suspicious client lasts"),
    maxSeconds: setting("PENALTY_MAX_SECONDS", "seconds", 3_600, "Longest penalty in seconds; each one after another is twice as long"),
  },
};
