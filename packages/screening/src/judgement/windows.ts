import { ngramLengths } from "./ngrams.ts";

/** Attacks are short and long; the window that is most like one counts, so that prose around an attack cannot thin it out. */
const windowLengths = [16, 32, 64, 128] as const;

/** A run of symbols, and the sum of its weights. */
export interface Window {
  readonly sum: number;
  readonly start: number;
  readonly end: number;
}

/** Finds the window with the largest sum, in one pass for each length; `sums` has room for one number more than there are symbols. */
export function strongestWindow(slots: Int32Array, count: number, weights: ArrayLike<number>, sums: Float64Array): Window {
  addUp(slots, count, weights, sums);
  let sum = -Infinity;
  let start = 0;
  let end = 0;
  for (let index = 0; index < windowLengths.length; index += 1) {
    const length = Math.min(windowLengths[index] ?? 0, count);
    for (let from = 0; from <= count - length; from += 1) {
      const inside = (sums[from + length] ?? 0) - (sums[from] ?? 0);
      if (inside <= sum) continue;
      sum = inside;
      start = from;
      end = from + length;
    }
    // Longer windows hold the same.
    if (length === count) break;
  }
  return { sum, start, end };
}

/** Writes the sums of the weights of all symbols before each position. */
function addUp(slots: Int32Array, count: number, weights: ArrayLike<number>, sums: Float64Array): void {
  let total = 0;
  sums[0] = 0;
  for (let at = 0; at < count; at += 1) {
    total += weightAt(slots, at * ngramLengths, weights);
    sums[at + 1] = total;
  }
}

function weightAt(slots: Int32Array, first: number, weights: ArrayLike<number>): number {
  const one = weights[slots[first] ?? 0] ?? 0;
  const two = weights[slots[first + 1] ?? 0] ?? 0;
  const three = weights[slots[first + 2] ?? 0] ?? 0;
  return one + two + three + (weights[slots[first + 3] ?? 0] ?? 0);
}
