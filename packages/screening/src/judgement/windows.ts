import { ngramLengths } from "./ngrams.ts";

/** Attacks are short and long; the window that is most like one counts, so that prose around an attack cannot thin it out. */
const windowLengths = [16, 32, 64, 128] as const;

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
  sums[0] = 0;
  for (let at = 1; at <= count; at += 1) {
    const total = (sums[at - 1] ?? 0) + weightAt(slots, at - 1, weights);
    sums[at] = total;
    for (const length of windowLengths) {
      if (at < length && at < count) break;
      const from = Math.max(0, at - length);
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

function weightAt(slots: Int32Array, at: number, weights: ArrayLike<number>): number {
  let weight = 0;
  for (let index = at * ngramLengths; index < (at + 1) * ngramLengths; index += 1) {
    const slot = slots[index] ?? -1;
    if (slot >= 0) weight += weights[slot] ?? 0;
  }
  return weight;
}
