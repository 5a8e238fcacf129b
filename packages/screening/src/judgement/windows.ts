import { strongestSum, sumBetween, windowLengths } from "./ngrams.ts";

/** A run of symbols, and the sum of its weights. */
export interface Window {
  readonly sum: number;
  readonly start: number;
  readonly end: number;
}

/** Finds the window with the largest sum: the first of the shortest. */
export function strongestWindow(symbols: Uint8Array, weights: ArrayLike<number>): Window {
  const sum = strongestSum(symbols, weights);
  const count = symbols.length;
  for (const length of windowLengths) {
    for (let end = length; end <= count; end += 1) {
      if (sumBetween(end - length, end) === sum) return { sum, start: end - length, end };
    }
  }
  return { sum, start: 0, end: count };
}
