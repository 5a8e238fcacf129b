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
  /** Resolves when Redis has responded, failed or timed out; at once without Redis. */
  readonly ready: Promise<unknown>;
  close(): void;
}

interface MadeStore {
  readonly store: Store;
  readonly ready: Promise<unknown>;
  close(): void;
}

/** How long the start waits for Redis. Requests served before Redis is up are counted by this gateway alone. */
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

/** While Redis is down, each process counts for itself, and the store reports it by an event. */
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

/** Kinds of errors to distinguish. More of them from a broken Redis are not worth more lines. */
const mostKinds = 16;

/** Logs the first error of each kind since Redis was up, because production logs no DEBUG; repeats come several times a second. */
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
