import { option } from "@aivillage/middleware";

/** Options of every store whose budgets are somewhere else: `RedisStore` and `ClusterStore`. */
export interface RemoteStoreOptions {
  /**
   * How long the other side may be silent, in milliseconds; then the outage policy of each budget decides. Time in which this process is too
   * busy to listen hardly counts. From 1 to 10,000, default 50.
   */
  deadlineMs?: number;
  /** How many processes share the budgets; with `outage: "local"` each grants limit / instances. Default 1. */
  instances?: number;
  /** Most accounts that this process counts by itself, as `maxAccounts` of `MemoryStore`. Default 100,000. */
  maxAccounts?: number;
  /** Time between attempts to reach the other side again, in milliseconds, from 10 on. Default 500. */
  probeEveryMs?: number;
}

export const remoteRules = {
  deadlineMs: option.integer(50, { min: 1, max: 10_000 }),
  instances: option.integer(1, { min: 1, max: 1_000_000 }),
  maxAccounts: option.integer(100_000, { min: 1, max: 10_000_000 }),
  probeEveryMs: option.integer(500, { min: 10, max: 60_000 }),
};

export type ReadRemoteOptions = Required<RemoteStoreOptions>;
