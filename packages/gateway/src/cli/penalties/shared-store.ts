import { RedisStore } from "@aivillage/rate-limit";

import { countsPrefix, redisClient, redisProblem } from "../../config/options/redis-client.ts";
import { CommandError } from "../cli-error.ts";

const mostPatienceMs = 10_000;
const asked = "the Redis of REDIS_URL";

/**
 * Does something with the store that the gateways share, on its own connection.
 *
 * @throws CommandError when Redis cannot be asked, in time or at all; it repeats nothing of the URL, which holds the password
 */
export async function withSharedStore<T>(url: string, use: (store: RedisStore) => Promise<T>, patienceMs = mostPatienceMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const client = redisClient({ url, socket: { reconnectStrategy: false } }).on("error", () => undefined);
    const store = new RedisStore({ client, prefix: countsPrefix });
    // Destroying a client is not enough: when it is only about to connect, its `connect()` never settles.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CommandError(`${asked} did not respond within ${patienceMs / 1_000} seconds`)), patienceMs);
    });
    try {
      return await Promise.race([client.connect().then(() => use(store)), late]);
    } finally {
      store.close();
      client.destroy();
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${asked} cannot be asked: ${redisProblem(error as Error)}`);
  } finally {
    clearTimeout(timer);
  }
}
