import { ngramLengths } from "./ngrams.ts";

/** Attacks are short and long; the window that is most like one counts, so that prose around an attack cannot thin it out. */
const windowLengths = [16, 32, 64, 128] as const;
const shortest = windowLengths[0];

/** A run of symbols, and the sum of its weights. */
export interface Window {
  readonly sum: number;
  readonly start: number;
  readonly end: number;
}

/** Finds the window with the largest sum, in one pass; `sums` has room for one number more than there are symbols. */
export function strongestWindow(slots: Int32Array, count: number, weights: ArrayLike<number>, sums: Float64Array): Window {
  let sum = -Infinity;
  let start = 0;
  let end = 0;
  let total = 0;
  sums[0] = 0;
  for (let at = 1; at <= count; at += 1) {
    total += weightAt(slots, (at - 1) * ngramLengths, weights);
    sums[at] = total;
    if (at < shortest && at < count) continue;
    for (let index = 0; index < windowLengths.length; index += 1) {
      const length = windowLengths[index] ?? 0;
      const from = at > length ? at - length : 0;
      if (from === 0 && at < length && at < count) break;
      const inside = total - (sums[from] ?? 0);
      if (inside > sum) {
        sum = inside;
        start = from;
        end = at;
      }
      if (from === 0) break;
    }
  }
  return { sum, start, end };
}

function weightAt(slots: Int32Array, first: number, weights: ArrayLike<number>): number {
  const one = weights[slots[first] ?? 0] ?? 0;
  const two = weights[slots[first + 1] ?? 0] ?? 0;
  const three = weights[slots[first + 2] ?? 0] ?? 0;
  return one + two + three + (weights[slots[first + 3] ?? 0] ?? 0);
}
