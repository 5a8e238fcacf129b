import { addUpWeights } from "./ngrams.ts";

/** Attacks are short and long; the window that is most like one counts, so that prose around an attack cannot thin it out. */
const windowLengths = [16, 32, 64, 128] as const;

/** A run of symbols, and the sum of its weights. */
export interface Window {
  readonly sum: number;
  readonly start: number;
  readonly end: number;
}

/** Finds the window with the largest sum, in one pass for each length; `sums` has room for one number more than there are symbols. */
export function strongestWindow(symbols: Uint8Array, weights: ArrayLike<number>, sums: Float64Array): Window {
  const count = symbols.length;
  addUpWeights(symbols, weights, sums);
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
