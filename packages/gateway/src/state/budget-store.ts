import { type BudgetStore, MemoryStore, RedisStore } from "@aivillage/token-budget";

import { budgetsPrefix } from "../config/rules/redis-client.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { givenStore, localStore, type OpenedStore, redisStore } from "./opened-store.ts";

/** What clients have used of their budgets. It outlives a reload. */
export interface Budgets {
  /** Made when the first configuration has a budget. */
  readonly store: () => BudgetStore;
  /** When Redis has responded or had its time to; at once without it. */
  readonly ready: () => Promise<unknown>;
  close(): void;
}

/** Keeps budgets in a store that was given, else in the Redis of `REDIS_URL`, else in memory, with a journal if there is one. */
export function makeBudgets(config: GatewayConfig, logger: GatewayLogger, given: BudgetStore | undefined): Budgets {
  let made = given === undefined ? undefined : givenStore(given);
  return {
    store: () => (made ??= openStore(config, logger)).store,
    ready: () => made?.ready ?? Promise.resolve(),
    close: () => made?.close(),
  };
}

function openStore({ rateLimit, budgets: { journal }, server }: GatewayConfig, logger: GatewayLogger): OpenedStore<BudgetStore> {
  if (rateLimit.redisUrl === "") return localStore(new MemoryStore(journal === "" ? {} : { journal }));
  return redisStore({
    url: rateLimit.redisUrl,
    make: (client) => new RedisStore({ client, prefix: budgetsPrefix, instances: server.workers }),
    onError: (reason) => logger.debug({ reason }, "redis connection for budgets failed"),
  });
}
