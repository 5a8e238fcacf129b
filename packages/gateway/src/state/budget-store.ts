import { setTimeout as delay } from "node:timers/promises";

import { type BudgetStore, MemoryStore, RedisStore } from "@aivillage/token-budget";

import { budgetsPrefix, failFastClient, redisFault } from "../config/rules/redis-client.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

/** What clients have used of their budgets. It outlives a reload. */
export interface Budgets {
  /** Made when the first configuration has a budget. */
  readonly store: () => BudgetStore;
  /** When Redis has responded or had its time to; at once without it. */
  readonly ready: () => Promise<unknown>;
  close(): void;
}

interface MadeStore {
  readonly store: BudgetStore;
  readonly ready: Promise<unknown>;
  close(): void;
}

/** How long the start waits for Redis. */
const readyMs = 1_000;

/** Keeps budgets in a store that was given, else in the Redis of `REDIS_URL`, else in memory, with a journal if there is one. */
export function makeBudgets(config: GatewayConfig, logger: GatewayLogger, given: BudgetStore | undefined): Budgets {
  let made: MadeStore | undefined = given === undefined ? undefined : { store: given, ready: Promise.resolve(), close: () => undefined };
  return {
    store: () => (made ??= makeStore(config, logger)).store,
    ready: () => made?.ready ?? Promise.resolve(),
    close: () => made?.close(),
  };
}

function makeStore({ rateLimit: { redisUrl }, budgets: { journal }, server }: GatewayConfig, logger: GatewayLogger): MadeStore {
  if (redisUrl !== "") return redisBudgets(redisUrl, server.workers, logger);
  const store = new MemoryStore(journal === "" ? {} : { journal });
  return { store, ready: Promise.resolve(), close: () => store.close() };
}

function redisBudgets(url: string, instances: number, logger: GatewayLogger): MadeStore {
  const client = failFastClient(url);
  client.on("error", (error: Error) => logger.debug({ reason: redisFault(error) }, "redis connection for budgets failed"));
  const failed = new Promise((resolve) => void client.once("error", resolve));
  const store = new RedisStore({ client, prefix: budgetsPrefix, instances });
  const greeted = client.connect().then(
    () => store.ready(),
    () => undefined,
  );
  return {
    store,
    ready: Promise.race([greeted, failed, delay(readyMs, undefined, { ref: false })]),
    close: () => {
      store.close();
      client.destroy();
    },
  };
}
