import { RedisStore } from "@aivillage/rate-limit";

import { CommandError } from "../cli-error.ts";
import { countsPrefix, redisFault } from "../shared-redis.ts";

const mostPatienceMs = 10_000;

/**
 * Does something with the store that the gateways share, on a connection of its own.
 *
 * @throws CommandError when Redis cannot be asked, in time or at all; it repeats nothing of the URL, which holds the password
 */
export async function withSharedStore<T>(url: string, use: (store: RedisStore) => Promise<T>, patienceMs = mostPatienceMs): Promise<T> {
  let isLate = false;
  try {
    const { createClient } = await import("redis");
    const client = createClient({ url, socket: { reconnectStrategy: false } }).on("error", () => undefined);
    const timer = setTimeout(() => {
      isLate = true;
      client.destroy();
    }, patienceMs);
    const store = new RedisStore({ client, prefix: countsPrefix });
    try {
      await client.connect();
      return await use(store);
    } finally {
      clearTimeout(timer);
      store.close();
      client.destroy();
    }
  } catch (error) {
    const fault = isLate ? `gave no answer within ${patienceMs / 1_000} seconds` : `cannot be asked: ${redisFault(error as Error)}`;
    throw new CommandError(`the Redis of REDIS_URL ${fault}`);
  }
}
