import { MemoryStore, Penalties, RedisStore, type Store } from "@aivillage/rate-limit";

import { countsPrefix } from "../config/options/redis-client.ts";
import { penaltyOptions } from "../config/rules/limit-rules.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { clientKey } from "./client-key.ts";
import { givenStore, localStore, type OpenedStore, redisStore } from "./opened-store.ts";

/** The counts of all limits, and the clients under penalty. */
export interface Counts extends OpenedStore<Store> {
  readonly penalties: Penalties;
}

/** Counts in a store that was given, else in the Redis or Valkey of `REDIS_URL`, else in memory. */
export function makeCounts({ rateLimit }: GatewayConfig, logger: GatewayLogger, given: Store | undefined): Counts {
  const made = given === undefined ? openStore(rateLimit, logger) : givenStore(given);
  const penalties = new Penalties({
    ...penaltyOptions(rateLimit.penalty),
    key: clientKey,
    ...(made.store.penalties !== undefined && { store: made.store }),
  });
  return {
    store: made.store,
    penalties,
    ready: made.ready,
    close: () => {
      penalties.close();
      made.close();
    },
  };
}

function openStore({ redisUrl, maxKeys }: GatewayConfig["rateLimit"], logger: GatewayLogger): OpenedStore<Store> {
  if (redisUrl === "") return localStore(new MemoryStore({ maxKeys }));
  return redisStore({
    url: redisUrl,
    make: (client) => new RedisStore({ client, prefix: countsPrefix, maxKeys }),
    ...errorLines(logger),
  });
}

/** Kinds of errors to distinguish. More of them from a broken Redis are not worth more lines. */
const mostKinds = 16;

/** Logs the first error of each kind since Redis was up, because production logs no DEBUG; repeats come several times a second. */
function errorLines(logger: GatewayLogger): { onUp: () => void; onError: (reason: string) => void } {
  const logged = new Set<string>();
  return {
    onUp: () => logged.clear(),
    onError: (reason) => {
      const level = logged.has(reason) || logged.size === mostKinds ? "debug" : "warn";
      if (level === "warn") logged.add(reason);
      logger[level]({ reason }, "redis connection failed");
    },
  };
}
