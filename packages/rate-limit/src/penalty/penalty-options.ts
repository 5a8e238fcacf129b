import type { IncomingMessage } from "node:http";

import { option, optionError, readOptions, returns } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { isStore, type Store } from "../store.ts";

/** Options of `new Penalties()`, and of `penalty` of `rateLimit()`. */
export interface PenaltyOptions {
  /** A client is penalised when its refused cost within a policy's window exceeds the limit so many times. At least 1, default 2. */
  factor?: number;
  /** A client is penalised when the weights given to `penalize()` within `durationMs` sum up to more than this. Default 10. */
  tolerance?: number;
  /** By how much limits are divided. At least 2, default 4. */
  divisor?: number;
  /** How long the first penalty lasts, in milliseconds, from 100 on. Default 60,000. */
  durationMs?: number;
  /** Longest penalty in milliseconds: each that follows soon after the one before lasts twice as long. Default 3,600,000. */
  maxDurationMs?: number;
  /** Most clients penalised at once; one more ends the shortest penalty. From 1 to 1,000,000, default 10,000. */
  maxKeys?: number;
  /** Who is penalised; `undefined`: nobody. Default: the client's address, IPv6 by its /56 network. */
  key?: (req: IncomingMessage) => string | undefined;
  /**
   * A store that processes share, such as a `RedisStore` or `ClusterStore`: they count offences together, and each knows the penalties
   * of all. Default: that of the `rateLimit()` to which the options are given, if it is one; else each process has its own.
   */
  store?: Store;
  /** A clock in milliseconds. Default `performance.now()`. */
  now?: () => number;
}

export function readPenaltyOptions(given: PenaltyOptions | undefined, path: string) {
  const rules = {
    factor: option.integer(2, { min: 1, max: 1_000 }),
    tolerance: option.integer(10, { min: 0, max: 1_000_000 }),
    divisor: option.integer(4, { min: 2, max: 1_000 }),
    durationMs: option.integer(60_000, { min: 100 }),
    maxDurationMs: option.integer(3_600_000, { min: 100 }),
    maxKeys: option.integer(10_000, { min: 1, max: 1_000_000 }),
    key: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    store: option.custom<Store | undefined>("a store that shares penalties, such as a RedisStore", undefined, sharesPenalties),
    now: option.function<() => number>(undefined),
  };
  const options = readOptions<PenaltyOptions, typeof rules>(packageName, given, rules, path);
  const { durationMs, maxDurationMs } = options;
  const prefix = path === "" ? "" : `${path}.`;
  if (maxDurationMs < durationMs) throw optionError(packageName, `${prefix}maxDurationMs`, "at least `durationMs`", maxDurationMs);
  return options;
}

function sharesPenalties(value: unknown): boolean {
  return isStore(value) && Object(value).penalties !== undefined;
}
