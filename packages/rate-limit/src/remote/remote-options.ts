import { option } from "@aivillage/middleware";

import type { OutagePolicy } from "../events.ts";
import { mostKeys } from "../memory/memory-store.ts";

/** Options of every store whose counts are somewhere else: `RedisStore` and `ClusterStore`. */
export interface RemoteStoreOptions {
  /**
   * How long the other side may be silent, in milliseconds; then the outage policy decides. Time in which this process is too busy to
   * listen hardly counts; while responses to earlier requests come, a request waits up to ten times as long. From 1 to 10,000, default 50.
   */
  deadlineMs?: number;
  /**
   * What is done with requests while the counts are down: `open` lets all pass, `closed` refuses all with 503, `local` counts in
   * this process and grants it its part of each limit. Default `local`.
   */
  outage?: OutagePolicy;
  /** How many processes share the limits; with `outage: "local"` each grants limit / instances, at least 1. Default 1. */
  instances?: number;
  /** Most keys held for each policy while this process counts by itself, as `maxKeys` of `MemoryStore`. Default 100,000. */
  maxKeys?: number;
  /** Time between attempts to reach the counts again, in milliseconds, from 10 on. Default 500. */
  probeEveryMs?: number;
}

export const remoteRules = {
  deadlineMs: option.integer(50, { min: 1, max: 10_000 }),
  outage: option.oneOf(["open", "closed", "local"], "local"),
  instances: option.integer(1, { min: 1, max: 1_000_000 }),
  maxKeys: option.integer(100_000, { min: 1, max: mostKeys }),
  probeEveryMs: option.integer(500, { min: 10, max: 60_000 }),
};

export type ReadRemoteOptions = Required<RemoteStoreOptions>;
