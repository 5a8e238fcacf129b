import type { IncomingMessage } from "node:http";

import { isPlainObject, option, readOptions } from "@aivillage/middleware";

import { type ConcurrencyLimit, readLimits } from "./limit.ts";
import { packageName } from "./package-name.ts";
import { type AdmissionStore, isStore } from "./store.ts";

/** How many requests may wait for a slot, and how long. */
export interface QueueOptions {
  /** Requests that may wait at once; 0 refuses at once instead. From 0 to 10,000, default 200. */
  max?: number;
  /** The longest wait in milliseconds, from 1 to 600,000. Default 10,000. */
  maxWaitMs?: number;
  /** Requests of one share that may wait at once. Default: half of `max`. */
  maxPerShare?: number;
  /** A share that gets nothing gains a level of priority each time it has waited for so long, in milliseconds. Default 2,000. */
  agingMs?: number;
  /** Admissions of one store whose queues have equal names share the bounds above. Default: the names of the limits. */
  name?: string;
}

/** Options of `admission()`. */
export interface AdmissionOptions {
  /** A request needs a slot of each limit that applies. List limits of clients before those of backends. Required. */
  limits: readonly ConcurrencyLimit[];
  /** The queue of requests that find no free slot. */
  queue?: QueueOptions;
  /**
   * The tenant that a request belongs to. Shares take turns in the queue. It must come from a source that the client cannot choose. Default:
   * the remote address of the socket.
   */
  share?: (req: IncomingMessage) => string | undefined;
  /** How many turns the share of a request gets compared with others, above 0 and up to 1,000,000. Default 1. */
  weight?: (req: IncomingMessage) => number;
  /** How much of a turn the request uses, such as its estimated tokens; above 0. Default 1. */
  cost?: (req: IncomingMessage) => number;
  /** Higher comes first: an integer from 0 to 9. Default 0. */
  priority?: (req: IncomingMessage) => number;
  /** Where slots and queue are kept; its creator closes it. Default: a new `MemoryStore`. */
  store?: AdmissionStore;
  /** Called for a request that got no slot, to give back what it was charged. `left`: its client left while it waited. Default: nothing. */
  onUnserved?: (req: IncomingMessage, reason: "refused" | "left") => void;
  /** Whether responses to requests that waited have `X-Queue-Position`, the place in the queue when they came. Default false. */
  positionHeader?: boolean;
}

const queueRules = {
  max: option.integer(200, { min: 0, max: 10_000 }),
  maxWaitMs: option.integer(10_000, { min: 1, max: 600_000 }),
  maxPerShare: option.custom<number | undefined>(
    "an integer from 1 to 10000",
    undefined,
    (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 10_000,
  ),
  agingMs: option.integer(2_000, { min: 1, max: 600_000 }),
  name: option.custom<string | undefined>("a non-empty string", undefined, (value) => typeof value === "string" && value !== ""),
};

const rules = {
  limits: option.custom<readonly ConcurrencyLimit[]>("a list of at least one limit", [], Array.isArray),
  queue: option.custom<QueueOptions | undefined>("an object", undefined, isPlainObject),
  share: option.function<(req: IncomingMessage) => string | undefined>(undefined),
  weight: option.function<(req: IncomingMessage) => number>(undefined),
  cost: option.function<(req: IncomingMessage) => number>(undefined),
  priority: option.function<(req: IncomingMessage) => number>(undefined),
  store: option.custom<AdmissionStore | undefined>("an object with the functions enter, resize and counts", undefined, isStore),
  onUnserved: option.notified<(req: IncomingMessage, reason: "refused" | "left") => void>(undefined),
  positionHeader: option.boolean(false),
};

export type ReadAdmissionOptions = ReturnType<typeof readAdmissionOptions>;

export function readAdmissionOptions(given: AdmissionOptions) {
  const options = readOptions<AdmissionOptions, typeof rules>(packageName, given, rules);
  const limits = readLimits(options.limits);
  const queue = readOptions<QueueOptions, typeof queueRules>(packageName, options.queue, queueRules, "queue");
  return {
    ...options,
    limits,
    queue: {
      ...queue,
      name: queue.name ?? limits.map(({ name }) => name).join(" "),
      maxPerShare: queue.maxPerShare ?? Math.max(1, Math.floor(queue.max / 2)),
    },
  };
}
