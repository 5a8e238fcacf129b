import type { IncomingMessage } from "node:http";

import { MemoryStore, type RateLimitHandler, RedisStore, type Store } from "@aivillage/rate-limit";
import { createClient } from "redis";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

/** The counts of all limits, and the clients under penalty. */
export interface Counts {
  readonly store: Store;
  readonly penalties: { handler?: RateLimitHandler; penalize(req: IncomingMessage, weight: number, reason: string): void };
  close(): void;
}

/** Counts in a store that was given, else in the Redis or Valkey of `REDIS_URL`, else in memory. */
export function makeCounts({ rateLimit }: GatewayConfig, logger: GatewayLogger, given: Store | undefined): Counts {
  const made = given === undefined ? makeStore(rateLimit.redisUrl, logger) : { store: given, close: () => undefined };
  const penalties: Counts["penalties"] = { penalize: (req, weight, reason) => penalties.handler?.penalize(req, weight, reason) };
  return {
    store: made.store,
    penalties,
    close: () => made.close(),
  };
}

function makeStore(redisUrl: string, logger: GatewayLogger): { store: Store; close(): void } {
  if (redisUrl !== "") return redisCounts(redisUrl, logger);
  const store = new MemoryStore();
  return { store, close: () => store.close() };
}

/** The gateway starts without waiting for Redis. While that is away, each gateway counts for itself, and the store tells by an event. */
function redisCounts(url: string, logger: GatewayLogger): { store: Store; close(): void } {
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
