import type { FailureSource } from "./failure-sources.ts";

/** How many failures of a target or replica are too many. */
export interface WindowSettings {
  /** How long a request counts, in milliseconds. */
  readonly windowMs: number;
  /** Fewer requests than this decide nothing. */
  readonly minRequests: number;
  /** Failures that a client can cause count only if at least this many clients, or all known principals, had one. */
  readonly minClients: number;
  /** Failed requests as a share of all, from 0 to 1. */
  readonly share: number;
}

/** `unreachable`: the connection failed, which no client can cause. `failed`: a timeout, a reset, or a status that counts as a failure. */
export type FailureKind = "unreachable" | "failed";

interface Bucket {
  responses: number;
  unreachable: number;
  /** The source of each counted failure. */
  failed: string[];
}

const bucketCount = 10;

/** Maximum that one client or principal adds to the count within a window, however many of its requests fail. */
export const failuresPerSource = 2;

/** Bounds the memory. Further failures are not counted, which can only keep a target in use. */
const maxFailed = 1_000;

/** A target is down, whatever it sent before, if connections have failed for this long without a response. */
const silenceMs = 1_000;

/**
 * Counts responses and failures over a rolling window.
 *
 * Responses are counted without identifying the client, so they cost two additions. Failures that a client can cause are counted
 * per client or principal and capped: whatever a single one sends, it never reaches the limit alone.
 */
export class FailureWindow {
  readonly #settings: WindowSettings;
  readonly #bucketMs: number;
  readonly #buckets: readonly Bucket[] = Array.from({ length: bucketCount }, () => ({ responses: 0, unreachable: 0, failed: [] }));
  readonly #failuresOf = new Map<string, number>();
  #current: Bucket;
  /** Number of the current bucket, counted from time zero. */
  #number = 0;
  #responses = 0;
  #unreachable = 0;
  #failed = 0;
  /** How many sources are known. */
  #outOf = Infinity;
  #unreachableInARow = 0;
  #rowStartedAt = 0;

  constructor(settings: WindowSettings) {
    this.#settings = settings;
    this.#bucketMs = settings.windowMs / bucketCount;
    this.#current = this.#bucketOf(0);
  }

  responded(now: number): void {
    this.#advance(now);
    this.#current.responses += 1;
    this.#responses += 1;
    this.#unreachableInARow = 0;
  }

  /** Counts a failure; true if there are now too many. `source` is called only when it matters. */
  failed(kind: FailureKind, source: () => FailureSource, now: number): boolean {
    this.#advance(now);
    if (kind === "unreachable") this.#countUnreachable(now);
    else this.#countFailed(source());
    return this.#isOverShare() || this.#isSilent(now);
  }

  /** Forgets the responses, because they are out of date. Failures and their sources stay counted. */
  forgetResponses(): void {
    for (const bucket of this.#buckets) bucket.responses = 0;
    this.#responses = 0;
  }

  clear(): void {
    for (const bucket of this.#buckets) this.#empty(bucket);
    this.#unreachableInARow = 0;
  }

  #countUnreachable(now: number): void {
    if (this.#unreachableInARow === 0) this.#rowStartedAt = now;
    this.#unreachableInARow += 1;
    this.#current.unreachable += 1;
    this.#unreachable += 1;
  }

  #countFailed({ name, outOf }: FailureSource): void {
    if ((outOf === Infinity) !== (this.#outOf === Infinity)) this.#forgetFailures();
    this.#outOf = outOf;
    const before = this.#failuresOf.get(name) ?? 0;
    if (before >= failuresPerSource || this.#failed >= maxFailed) return;
    this.#failuresOf.set(name, before + 1);
    this.#current.failed.push(name);
    this.#failed += 1;
  }

  #isOverShare(): boolean {
    const { minRequests, minClients, share } = this.#settings;
    const needed = Math.min(minClients, this.#outOf);
    const failures = this.#unreachable + (this.#failuresOf.size >= needed ? this.#failed : 0);
    const requests = failures + this.#responses;
    return requests >= minRequests && failures >= requests * share;
  }

  #isSilent(now: number): boolean {
    return this.#unreachableInARow >= this.#settings.minRequests && now - this.#rowStartedAt >= silenceMs;
  }

  /** Empties the buckets that have left the window. */
  #advance(now: number): void {
    const number = Math.floor(now / this.#bucketMs);
    if (number <= this.#number) return;
    const first = Math.max(this.#number + 1, number - bucketCount + 1);
    for (let next = first; next <= number; next += 1) this.#empty(this.#bucketOf(next));
    this.#number = number;
    this.#current = this.#bucketOf(number);
  }

  #empty(bucket: Bucket): void {
    this.#responses -= bucket.responses;
    this.#unreachable -= bucket.unreachable;
    bucket.responses = 0;
    bucket.unreachable = 0;
    this.#emptyFailed(bucket);
  }

  #emptyFailed(bucket: Bucket): void {
    this.#failed -= bucket.failed.length;
    for (const name of bucket.failed) {
      const left = (this.#failuresOf.get(name) ?? 0) - 1;
      if (left > 0) this.#failuresOf.set(name, left);
      else this.#failuresOf.delete(name);
    }
    bucket.failed = [];
  }

  /** Failures of clients and of principals cannot be added. */
  #forgetFailures(): void {
    for (const bucket of this.#buckets) this.#emptyFailed(bucket);
  }

  #bucketOf(number: number): Bucket {
    const bucket = this.#buckets[number % bucketCount];
    if (bucket === undefined) throw new RangeError("time must not be negative");
    return bucket;
  }
}
