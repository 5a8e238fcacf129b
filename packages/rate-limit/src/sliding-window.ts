/**
 * A window is cut into this many slices of time; a power of two, so that the arithmetic on slice borders is exact.
 *
 * The whole slice in which the window begins is counted, so a client at x % of the limit uses up to x · 33/32 %: at 95 %
 * that is 98 %, which still fits.
 */
export const slices = 32;

const ringSize = slices + 1;
const zeros: readonly number[] = Array.from({ length: ringSize }, () => 0);

/** The slice of a window of `windowMs` in which an integer time lies. */
export function sliceAt(timeMs: number, windowMs: number): number {
  return Math.floor((timeMs * slices) / windowMs);
}

/** The first integer time that lies in the slice. */
export function sliceStartMs(slice: number, windowMs: number): number {
  return Math.ceil((slice * windowMs) / slices);
}

/**
 * What one key has used: a ring of the current slice and the 32 before it.
 *
 * Every trailing window lies within those 33, so while their sum is at most the limit, no window exceeds it. The memory is the
 * same whatever the limit.
 */
export class SlidingWindow {
  #counts = zeros.slice();
  #newest: number;
  #total = 0;
  /** The slice of the last charge. Once it has left the window, nothing is left to know. */
  charged: number;

  constructor(slice: number) {
    this.#newest = slice;
    this.charged = slice;
  }

  /** Another window that counts the same. */
  copy(): SlidingWindow {
    const copy = new SlidingWindow(this.#newest);
    copy.#counts = this.#counts.slice();
    copy.#total = this.#total;
    return copy;
  }

  /** The cost in the window as of the last `advance`. */
  get total(): number {
    return this.#total;
  }

  /** Moves on to a slice that is not earlier than the newest and forgets what left the window. */
  advance(slice: number): void {
    const steps = Math.min(slice - this.#newest, ringSize);
    for (let step = 1; step <= steps; step += 1) this.#set(this.#newest + step, 0);
    this.#newest = slice;
  }

  /** Adds cost to the newest slice. */
  add(cost: number): void {
    this.#set(this.#newest, this.#get(this.#newest) + cost);
    this.charged = this.#newest;
  }

  /** Takes cost out of the slice where it was added, unless that has left the window. */
  subtract(slice: number, cost: number): void {
    if (slice > this.#newest - ringSize && slice <= this.#newest) this.#set(slice, Math.max(0, this.#get(slice) - cost));
  }

  /** The slice in which `units` of what is counted now will have left; `Infinity` when there is not so much. */
  sliceWithout(units: number): number {
    let gone = 0;
    for (let slice = Math.max(0, this.#newest - slices); slice <= this.#newest; slice += 1) {
      gone += this.#get(slice);
      if (gone >= units) return slice + ringSize;
    }
    return Infinity;
  }

  #get(slice: number): number {
    return this.#counts[slice % ringSize] ?? 0;
  }

  #set(slice: number, count: number): void {
    this.#total += count - this.#get(slice);
    this.#counts[slice % ringSize] = count;
  }
}
