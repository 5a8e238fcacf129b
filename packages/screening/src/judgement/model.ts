import { strongestSum } from "./ngrams.ts";
import type { Reading } from "./reading.ts";
import { strongestWindow, type Window } from "./windows.ts";

/** Weights by slot, in units of `scale`. */
export interface WeightTable {
  readonly weights: ArrayLike<number>;
  readonly scale: number;
}

/** Everything that was learned. */
export interface Model {
  readonly bias: number;
  readonly features: WeightTable;
  readonly ngrams: WeightTable;
}

/** The strongest window of a reading, and the excerpt that it is in. */
export interface StrongestWindow extends Window {
  readonly excerpt: Uint8Array;
}

const nothing = new Uint8Array(0);

/** How much a text is like an attack: above 0 rather than not, by the logarithm of the odds. */
export function weigh(reading: Reading, { bias, features, ngrams }: Model): number {
  return bias + largestSum(reading, ngrams.weights) * ngrams.scale + sumOf(reading.features, features.weights) * features.scale;
}

export function sumOf(slots: readonly number[], weights: ArrayLike<number>): number {
  let sum = 0;
  for (const slot of slots) sum += weights[slot] ?? 0;
  return sum;
}

function largestSum({ excerpts }: Reading, weights: ArrayLike<number>): number {
  let largest = excerpts.length === 0 ? 0 : -Infinity;
  for (const excerpt of excerpts) largest = Math.max(largest, strongestSum(excerpt, weights));
  return largest;
}

export function findStrongest({ excerpts }: Reading, weights: ArrayLike<number>): StrongestWindow {
  let strongest: StrongestWindow = { sum: excerpts.length === 0 ? 0 : -Infinity, start: 0, end: 0, excerpt: nothing };
  for (const excerpt of excerpts) {
    const window = strongestWindow(excerpt, weights);
    if (window.sum > strongest.sum) strongest = { ...window, excerpt };
  }
  return strongest;
}
