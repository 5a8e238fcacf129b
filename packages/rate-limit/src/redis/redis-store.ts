import { isRedisClient, option, optionError, readOptions, type RedisClient, toSendCommand } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import type { PenaltyList } from "../penalty/penalty-box.ts";
import { remoteRules, type RemoteStoreOptions } from "../remote/remote-options.ts";
import { RemoteStore } from "../remote/remote-store.ts";
import { CountsBySlot } from "./by-slot.ts";
import { RedisCounts } from "./redis-counts.ts";
import type { RedisPenalties } from "./redis-penalties.ts";

export type { RedisClient } from "@aivillage/middleware";

/** Options of `new RedisStore()`, besides those of every remote store. */
export interface RedisStoreOptions extends RemoteStoreOptions {
  /** A client of `redis` or ioredis, which the caller connects, closes and watches for errors. */
  client: RedisClient;
  /** Start of all names in Redis; different prefixes count apart. Default `rate-limit:`. */
  prefix?: string;
  /** Whether the client is of a Redis Cluster. Policies with different client keys are then decided in one call for each. Default false. */
  cluster?: boolean;
}

/**
 * Counts in Redis (7 or later) or Valkey, for all processes that use it, with the guarantees of `MemoryStore`.
 *
 * All policies of a request take one round trip, and the clock is that of Redis. Everything it keeps there expires.
 *
 * @throws OptionError for an unknown or bad option
 */
export class RedisStore extends RemoteStore {
  readonly #penalties: RedisPenalties;

  constructor(options: RedisStoreOptions) {
    const { client, prefix, cluster, ...remote } = readRedisStoreOptions(options);
    const counts = new RedisCounts(toSendCommand(client, cluster), prefix);
    super("redis", cluster ? new CountsBySlot(counts) : counts, remote);
    this.#penalties = counts.penalties;
  }

  /**
   * Who is penalised now in all processes that share the store, the first 10,000 at most; for operators.
   *
   * It asks Redis itself, without deadline, and rejects as the client does.
   */
  listPenalties(): Promise<PenaltyList> {
    return this.#penalties.list();
  }

  /**
   * Ends penalties in all processes that share the store, and gives the keys of those who were penalised.
   *
   * Processes look for changes every second, so it resolves two seconds later, when all have looked. It asks as `listPenalties()` does.
   */
  clearPenalties(keys: readonly string[]): Promise<string[]> {
    return this.#penalties.clear(keys);
  }
}

function readRedisStoreOptions(given: RedisStoreOptions) {
  const expected = "a client of `redis` or ioredis";
  const rules = {
    client: option.custom<RedisClient | undefined>(expected, undefined, isRedisClient),
    prefix: option.custom<string>("a string without braces", "rate-limit:", (value) => typeof value === "string" && !/[{}]/.test(value)),
    cluster: option.boolean(false),
    ...remoteRules,
  };
  const { client, ...options } = readOptions<Partial<RedisStoreOptions>, typeof rules>(packageName, given, rules);
  if (client === undefined) throw optionError(packageName, "client", expected, client);
  return { client, ...options };
}
