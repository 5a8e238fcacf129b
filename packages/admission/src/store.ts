/** One slot that a request needs. */
export interface Demand {
  /** Name of the limit. Equal names with equal keys share their slots. */
  readonly limit: string;
  /** Whose slots these are; empty if all requests share them. */
  readonly key: string;
  /** How many requests may hold a slot of this limit and key. */
  readonly max: number;
}

/** How many may wait, and how long. */
export interface QueueBounds {
  /** Requests with equal names wait in one queue. */
  readonly name: string;
  readonly max: number;
  readonly maxPerShare: number;
  readonly maxWaitMs: number;
  /** Waiting this long is worth one level of priority. */
  readonly agingMs: number;
}

/** What a request asks of a store. */
export interface Ask {
  /** One slot of each of these. */
  readonly demands: readonly Demand[];
  /** Requests of equal shares take turns with those of other shares. */
  readonly share: string;
  /** How many turns this share gets compared with others. */
  readonly weight: number;
  /** How much of its share's turn the request uses. */
  readonly cost: number;
  readonly priority: number;
  readonly queue: QueueBounds;
}

/** Why a request gets no slot. */
export type RefusalReason = "queue-full" | "share-full" | "timeout" | "unavailable";

/** What a store says of a request that gets no slot. */
export interface Refusal {
  /** Name of the limit that has no free slot. */
  readonly limit: string;
  readonly reason: RefusalReason;
  /** When a slot is expected to be free for this share, in milliseconds from now. */
  readonly retryAfterMs: number;
}

/** Is notified exactly once of what happens to a request, unless the request leaves first. */
export interface Entrant {
  /** The request holds its slots. `position` is its expected place in the queue when it came; 0 if it did not wait. */
  admitted(position: number): void;
  refused(refusal: Refusal): void;
  /** The request waits at this position; `admitted` or `refused` follows. */
  queued?(position: number): void;
}

/** How many requests hold a slot of a limit and how many wait for one, over all keys. */
export interface LimitCount {
  readonly limit: string;
  readonly inFlight: number;
  readonly waiting: number;
}

/**
 * Where slots and queues are kept.
 *
 * A store promises: a request holds all of its slots or none; no more than `max` requests hold a slot of one limit and key; a request that
 * leaves gives back exactly what it held.
 */
export interface AdmissionStore {
  /**
   * Asks for slots. The entrant may be notified before this returns.
   *
   * @returns gives up the place in the queue, or gives back the slots; further calls do nothing
   */
  enter(ask: Ask, entrant: Entrant): () => void;
  /** Changes the number of slots of a limit, for those that wait too. */
  resize(limit: string, max: number): void;
  /** What this process holds and waits for. */
  counts(): readonly LimitCount[];
  /** Stops timers. Requests that hold slots keep them until they end. */
  close(): void;
}

export function isStore(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { enter, resize, counts } = value as Partial<Record<keyof AdmissionStore, unknown>>;
  return [enter, resize, counts].every((member) => typeof member === "function");
}
