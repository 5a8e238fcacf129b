/** How much the latest interval counts in the mean. */
const newestPart = 0.2;

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
  #releasedMs: number;

  constructor(limit: string, key: string, max: number, permits: number, nowMs: number) {
    this.limit = limit;
    this.key = key;
    this.max = max;
    this.permits = permits;
    this.#releasedMs = nowMs;
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

  release(nowMs: number): void {
    this.held -= 1;
    const interval = nowMs - this.#releasedMs;
    this.#intervalMs = this.#intervalMs === 0 ? interval : this.#intervalMs + newestPart * (interval - this.#intervalMs);
    this.#releasedMs = nowMs;
  }

  /** Expected time from one free slot to the next. A cap whose slots do not come free gets slower with every moment. */
  intervalMs(nowMs: number): number {
    return Math.max(this.#intervalMs, nowMs - this.#releasedMs);
  }
}

export function areFree(caps: readonly Cap[]): boolean {
  for (const cap of caps) if (!cap.isFree) return false;
  return true;
}
