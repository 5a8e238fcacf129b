import { sliceAt, sliceStartMs } from "./slices.ts";
import { WindowSlab } from "./window-slab.ts";

/** Sliding windows of one length, by time: one for each slot. */
export class SlidingWindows {
  readonly windowMs: number;
  /** When somebody last decided by them. */
  askedMs = 0;
  readonly #slab: WindowSlab;
  /** The last time that was asked about, and its slice: within a request it is the same. */
  #atMs = 0;
  #slice = 0;

  constructor(windowMs: number, slots: number) {
    this.windowMs = windowMs;
    this.#slab = new WindowSlab(slots);
  }

  used(slot: number, nowMs: number): number {
    return this.#slab.total(slot, this.#sliceAt(nowMs));
  }

  isExpired(slot: number, nowMs: number): boolean {
    return this.#slab.isExpired(slot, this.#sliceAt(nowMs));
  }

  /** Milliseconds until `units` of what counts now have left; `Infinity` when there is not so much. */
  waitFor(slot: number, units: number, nowMs: number): number {
    const slice = this.#slab.sliceWithout(slot, this.#sliceAt(nowMs), units);
    return sliceStartMs(slice, this.windowMs) - nowMs;
  }

  /** Adds cost; true when it is the first in a later slice than before. */
  add(slot: number, cost: number, nowMs: number): boolean {
    const slice = this.#sliceAt(nowMs);
    const isLater = this.#slab.newest(slot) < slice;
    this.#slab.add(slot, slice, cost);
    return isLater;
  }

  subtract(slot: number, cost: number, atMs: number): void {
    this.#slab.subtract(slot, sliceAt(atMs, this.windowMs), cost);
  }

  copy(from: number, to: number): void {
    this.#slab.copy(from, to);
  }

  /** Makes one window count at least what another counts, at any later time. */
  absorb(from: number, into: number): void {
    this.#slab.absorb(from, into);
  }

  /** Counts what windows of another length count: each of their slices as of its end, so that nothing leaves too early. */
  adopt(others: SlidingWindows, slot: number, nowMs: number): void {
    others.#slab.visit(slot, (slice, cost) => {
      const latestMs = Math.min(sliceStartMs(slice + 1, others.windowMs) - 1, nowMs);
      this.#slab.add(slot, sliceAt(latestMs, this.windowMs), cost);
    });
  }

  #sliceAt(nowMs: number): number {
    if (nowMs !== this.#atMs) {
      this.#atMs = nowMs;
      this.#slice = sliceAt(nowMs, this.windowMs);
    }
    return this.#slice;
  }
}
