import { setTimeout as delay } from "node:timers/promises";

import { MemoryStore, Penalties, RedisStore, type Store } from "@aivillage/rate-limit";

import { penaltyOptions } from "../config/rules/limit-rules.ts";
import { countsPrefix, failFastClient, redisFault } from "../config/rules/redis-client.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { clientKey } from "./client-key.ts";

/** The counts of all limits, and the clients under penalty. */
export interface Counts {
  readonly store: Store;
  readonly penalties: Penalties;
  /** When Redis has answered, has failed, or has had its time to; at once where nobody asks it. */
  readonly ready: Promise<unknown>;
  close(): void;
}

interface MadeStore {
  readonly store: Store;
  readonly ready: Promise<unknown>;
  close(): void;
}

/** How long the start waits for Redis. Whoever is served before it is there is counted by this gateway alone. */
const readyMs = 1_000;

/** Counts in a store that was given, else in the Redis or Valkey of `REDIS_URL`, else in memory. */
export function makeCounts({ rateLimit }: GatewayConfig, logger: GatewayLogger, given: Store | undefined): Counts {
  const made = given === undefined ? makeStore(rateLimit, logger) : { store: given, ready: Promise.resolve(), close: () => undefined };
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

function makeStore({ redisUrl, maxKeys }: GatewayConfig["rateLimit"], logger: GatewayLogger): MadeStore {
  if (redisUrl !== "") return redisCounts(redisUrl, maxKeys, logger);
  const store = new MemoryStore({ maxKeys });
  return { store, ready: Promise.resolve(), close: () => store.close() };
}

/** While Redis is away, each process counts for itself, and the store tells by an event. */
function redisCounts(url: string, maxKeys: number, logger: GatewayLogger): MadeStore {
  const client = failFastClient(url);
  logFaults(client, logger);
  const failed = new Promise((resolve) => void client.once("error", resolve));
  const store = new RedisStore({ client, prefix: countsPrefix, maxKeys });
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

/** Kinds that are told apart; a Redis that makes up more is not worth more lines. */
const mostKinds = 16;

/** The first fault of each kind since Redis was there is told, since production logs no DEBUG; what follows comes several times a second. */
function logFaults(client: ReturnType<typeof failFastClient>, logger: GatewayLogger): void {
  const told = new Set<string>();
  client.on("ready", () => told.clear());
  client.on("error", (error: Error) => {
    const reason = redisFault(error);
    const level = told.has(reason) || told.size === mostKinds ? "debug" : "warn";
    if (level === "warn") told.add(reason);
    logger[level]({ reason }, "redis connection failed");
  });
}
