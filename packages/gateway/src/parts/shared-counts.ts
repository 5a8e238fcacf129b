import { RedisStore, type Store } from "@aivillage/rate-limit";
import { createClient } from "redis";

import type { GatewayConfig } from "../config/gateway-config.ts";
import type { GatewayLogger } from "../dependencies.ts";

/** Counts of the rate limit that several gateways share. */
export interface SharedCounts {
  readonly store: Store;
  close(): void;
}

/**
 * Counts in the Redis or Valkey of `REDIS_URL`; `undefined` when there is none, and counts stay in memory.
 *
 * The gateway starts without waiting for Redis. While that is away, each gateway counts for itself, and the store tells by an event.
 */
export function sharedCountsPart({ rateLimit: { redisUrl } }: GatewayConfig, logger: GatewayLogger): SharedCounts | undefined {
  if (redisUrl === "") return undefined;
  const client = createClient({
    url: redisUrl,
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
