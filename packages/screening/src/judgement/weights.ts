import { inflateRawSync } from "node:zlib";

import type { Model, WeightTable } from "./model.ts";
import { trained } from "./trained-weights.ts";

/** What `train` wrote, as the judge uses it. */
export interface Weights {
  readonly model: Model;
  /**
   * Weights up to `disagree` drop what the detectors found. Above `certain` evidence that does not count is enough, and above `unseen`
   * none is needed.
   */
  readonly limits: { readonly disagree: number; readonly certain: number; readonly unseen: number };
  /** Makes a probability of a weight. */
  readonly calibration: { readonly slope: number; readonly offset: number };
}

let loaded: Weights | undefined;

/** Decodes the weights when they are first needed. */
export function loadWeights(): Weights {
  loaded ??= decode();
  return loaded;
}

function decode(): Weights {
  const { bias, features, ngrams, limits, calibration } = trained;
  return { model: { bias, features: decodeTable(features), ngrams: decodeTable(ngrams) }, limits, calibration };
}

function decodeTable({ scale, weights }: { readonly scale: number; readonly weights: string }): WeightTable {
  const bytes = inflateRawSync(Buffer.from(weights, "base64"));
  return { weights: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scale };
}
