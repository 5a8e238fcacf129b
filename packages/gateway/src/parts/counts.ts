import { createRequire } from "node:module";

import { MemoryStore, Penalties, RedisStore, type Store } from "@aivillage/rate-limit";
import type * as redis from "redis";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

const require = createRequire(import.meta.url);

/** The counts of all limits, and the clients under penalty. */
export interface Counts {
  readonly store: Store;
  readonly penalties: Penalties;
  close(): void;
}

/** Counts in a store that was given, else in the Redis or Valkey of `REDIS_URL`, else in memory. */
export function makeCounts({ rateLimit }: GatewayConfig, logger: GatewayLogger, given: Store | undefined): Counts {
  const made = given === undefined ? makeStore(rateLimit.redisUrl, logger) : { store: given, close: () => undefined };
  const { seconds, maxSeconds } = rateLimit.penalty;
  const penalties = new Penalties({
    durationMs: seconds * 1_000,
    maxDurationMs: maxSeconds * 1_000,
    ...(made.store.penalties !== undefined && { store: made.store }),
  });
  return {
    store: made.store,
    penalties,
    close: () => {
      penalties.close();
      made.close();
    },
  };
}

function makeStore(redisUrl: string, logger: GatewayLogger): { store: Store; close(): void } {
  if (redisUrl !== "") return redisCounts(redisUrl, logger);
  const store = new MemoryStore();
  return { store, close: () => store.close() };
}

/** The gateway starts without waiting for Redis. While that is away, each gateway counts for itself, and the store tells by an event. */
function redisCounts(url: string, logger: GatewayLogger): { store: Store; close(): void } {
  // Its 650 modules are a quarter of the gateway's start and memory: only who counts in Redis loads them.
  const { createClient } = require("redis") as typeof redis;
  const client = createClient({
    url,
    // What cannot be sent now must fail now, so that the outage policy decides.
    disableOfflineQueue: true,
    socket: { connectTimeout: 1_000, reconnectStrategy: (attempts) => Math.min(50 * 2 ** attempts, 1_000) },
  });
  client.on("error", (error: Error) => logger.debug({ err: error }, "redis connection failed"));
  client.connect().catch(() => undefined);
  const store = new RedisStore({ client, prefix: "aivillage:rate-limit:" });
  return {
    store,
    close: () => {
      store.close();
      client.destroy();
    },
  };
}
