import { OptionError } from "@aivillage/middleware";
import { type BudgetStore, MemoryStore, RedisStore } from "@aivillage/token-budget";

import { ConfigError } from "../config/loader/config-error.ts";
import { budgetsPrefix } from "../config/options/redis-client.ts";
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
  if (rateLimit.redisUrl === "") return localStore(withJournal(journal, (options) => new MemoryStore(options)));
  return redisStore({
    url: rateLimit.redisUrl,
    make: (client) => new RedisStore({ client, prefix: budgetsPrefix, instances: server.workers }),
    onError: (reason) => logger.debug({ reason }, "redis connection for budgets failed"),
  });
}

/**
 * Makes what keeps budgets in memory, with the journal of the configuration if there is one.
 *
 * @throws ConfigError for a journal that cannot be read or written, or that another process has
 */
export function withJournal<Made>(journal: string, make: (options: { journal?: string }) => Made): Made {
  try {
    return make(journal === "" ? {} : { journal });
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw new ConfigError([`BUDGET_JOURNAL: ${error.reason}`]);
  }
}
