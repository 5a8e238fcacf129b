import { ngramLengths } from "./ngrams.ts";
import type { Reading } from "./reading.ts";
import { strongestWindow, type Window } from "./windows.ts";

/** Everything that was learned. */
export interface Model {
  readonly bias: number;
  /** Weights by name of the feature. */
  readonly features: ReadonlyMap<string, number>;
  /** Weights by slot, in units of `scale`. */
  readonly ngrams: ArrayLike<number>;
  readonly scale: number;
}

/** The strongest window of a reading, and the excerpt that it is in. */
export interface StrongestWindow extends Window {
  readonly excerpt: Int32Array;
}

const nothing = new Int32Array(0);
const sums = new Float64Array(1_025);

/** How much a text is like an attack: above 0 rather than not, by the logarithm of the odds. */
export function weigh(reading: Reading, model: Model): number {
  let weight = model.bias + findStrongest(reading, model.ngrams).sum * model.scale;
  for (const feature of reading.features) weight += model.features.get(feature) ?? 0;
  return weight;
}

export function findStrongest({ excerpts }: Reading, weights: ArrayLike<number>): StrongestWindow {
  let strongest: StrongestWindow = { sum: excerpts.length === 0 ? 0 : -Infinity, start: 0, end: 0, excerpt: nothing };
  for (const excerpt of excerpts) {
    const window = strongestWindow(excerpt, excerpt.length / ngramLengths, weights, sums);
    if (window.sum > strongest.sum) strongest = { ...window, excerpt };
  }
  return strongest;
}
