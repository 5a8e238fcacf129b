/** Intervals that count in the mean: so few vary by more than the wait that a client may be given. */
const mostIntervals = 20;

/** The slots of one limit for one key. */
export class Cap {
  readonly limit: string;
  readonly key: string;
  /** Slots that there are. */
  max: number;
  /** Slots that this process may give out: all of them, unless processes share them. */
  permits: number;
  /** Requests that hold a slot. */
  held = 0;
  /** Requests that wait and need a slot of this cap, whether or not others are what they lack. */
  waiting = 0;
  /** Calls to a shared store that are under way for it. */
  pending = 0;
  #intervalMs = 0;
  #intervals = 0;
  #releasedMs: number;
  #filledMs: number;

  constructor(limit: string, key: string, max: number, permits: number, nowMs: number) {
    this.limit = limit;
    this.key = key;
    this.max = max;
    this.permits = permits;
    this.#releasedMs = nowMs;
    this.#filledMs = nowMs;
  }

  get isFree(): boolean {
    return this.held < this.max && this.held < this.permits;
  }

  get isUnused(): boolean {
    return this.held === 0 && this.waiting === 0 && this.pending === 0 && (this.permits === 0 || this.permits === Infinity);
  }

  /** Slots that this process may give out and nobody holds. */
  get spare(): number {
    return this.permits - this.held;
  }

  take(nowMs: number): void {
    this.held += 1;
    if (!this.isFree) this.#filledMs = nowMs;
  }

  release(nowMs: number): void {
    // Slots that nobody wanted say nothing of how fast they come free.
    if (!this.isFree) this.#learn(nowMs - Math.max(this.#releasedMs, this.#filledMs));
    this.held -= 1;
    this.#releasedMs = nowMs;
  }

  /**
   * Expected time from one free slot to the next: the time that has passed without a free slot, divided by the slots that came free in it. The
   * time since the last one counts, so a cap whose slots do not come free gets slower with every moment.
   */
  intervalMs(nowMs: number): number {
    const sinceMs = nowMs - Math.max(this.#releasedMs, this.#filledMs);
    return this.#intervalMs + sinceMs / Math.max(1, this.#intervals);
  }

  #learn(intervalMs: number): void {
    this.#intervals = Math.min(mostIntervals, this.#intervals + 1);
    this.#intervalMs += (intervalMs - this.#intervalMs) / this.#intervals;
  }
}

export function areFree(caps: readonly Cap[]): boolean {
  for (const cap of caps) if (!cap.isFree) return false;
  return true;
}
