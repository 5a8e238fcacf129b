import { isRedisClient, option, optionError, readOptions, type RedisClient, toSendCommand } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { remoteRules, type RemoteStoreOptions } from "../remote/remote-options.ts";
import { RemoteStore } from "../remote/remote-store.ts";
import { RedisBudgets } from "./redis-budgets.ts";

export type { RedisClient } from "@aivillage/middleware";

/** Options of `new RedisStore()`, besides those of every remote store. */
export interface RedisStoreOptions extends RemoteStoreOptions {
  /** A client of `redis` or ioredis, which the caller connects, closes and watches for errors. */
  client: RedisClient;
  /** Start of all names in Redis; different prefixes count apart. Default `token-budget:`. */
  prefix?: string;
  /** Whether the client is of a Redis Cluster. All budgets are on one of its nodes. Default false. */
  cluster?: boolean;
}

/**
 * Budgets in Redis (7 or later) or Valkey, for all processes that use it.
 *
 * All budgets of a call take one round trip to hold and one to settle. Leases follow the clock of Redis, periods that of each process. Let
 * Redis write its data to disk (`appendonly yes`) and evict nothing: what it loses is spent again.
 *
 * @throws OptionError for an unknown or bad option
 */
export class RedisStore extends RemoteStore {
  constructor(options: RedisStoreOptions) {
    const expected = "a client of `redis` or ioredis";
    const rules = {
      client: option.custom<RedisClient | undefined>(expected, undefined, isRedisClient),
      prefix: option.custom<string>(
        "a string without braces",
        "token-budget:",
        (value) => typeof value === "string" && !/[{}]/.test(value),
      ),
      cluster: option.boolean(false),
      ...remoteRules,
    };
    const { client, prefix, cluster, ...remote } = readOptions<Partial<RedisStoreOptions>, typeof rules>(packageName, options, rules);
    if (client === undefined) throw optionError(packageName, "client", expected, client);
    super("redis", new RedisBudgets(toSendCommand(client, cluster), prefix), remote);
  }
}
