import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";

import { MemoryStore, Penalties, RedisStore, type Store } from "@aivillage/rate-limit";
import type * as redis from "redis";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { countsPrefix, redisFault } from "../shared-redis.ts";

const require = createRequire(import.meta.url);

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
  const made =
    given === undefined ? makeStore(rateLimit.redisUrl, logger) : { store: given, ready: Promise.resolve(), close: () => undefined };
  const { seconds, maxSeconds } = rateLimit.penalty;
  const penalties = new Penalties({
    durationMs: seconds * 1_000,
    maxDurationMs: maxSeconds * 1_000,
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

function makeStore(redisUrl: string, logger: GatewayLogger): MadeStore {
  if (redisUrl !== "") return redisCounts(redisUrl, logger);
  const store = new MemoryStore();
  return { store, ready: Promise.resolve(), close: () => store.close() };
}

/** While Redis is away, each gateway counts for itself, and the store tells by an event. */
function redisCounts(url: string, logger: GatewayLogger): MadeStore {
  // Its 650 modules are a quarter of the gateway's start and memory: only who counts in Redis loads them.
  const { createClient } = require("redis") as typeof redis;
  const client = createClient({
    url,
    // What cannot be sent now must fail now, so that the outage policy decides.
    disableOfflineQueue: true,
    socket: { connectTimeout: 1_000, reconnectStrategy: (attempts) => Math.min(50 * 2 ** attempts, 1_000) },
  });
  client.on("error", (error: Error) => logger.debug({ reason: redisFault(error) }, "redis connection failed"));
  const failed = new Promise((resolve) => void client.once("error", resolve));
  const store = new RedisStore({ client, prefix: countsPrefix });
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
