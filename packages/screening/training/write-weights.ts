import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

import type { Model, WeightTable } from "../src/judgement/model.ts";
import type { Weights } from "../src/judgement/weights.ts";

const most = 127;
const precision = 1_000;

/** Writes a model as a module: eight bits for each weight. */
export function writeWeights(
  file: string,
  model: Model,
  limits: Weights["limits"],
  calibration: Weights["calibration"],
  date: string,
): void {
  const tables = { features: encode(quantise(model.features)), ngrams: encode(quantise(model.ngrams)) };
  const learned = { bias: round(model.bias), ...tables, limits, calibration };
  const digest = createHash("sha256").update(JSON.stringify(learned)).digest("hex");
  const trained = { version: 6, date, digest, ...learned };
  const lines = Object.entries(trained).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  writeFileSync(
    file,
    `/** Written by \`pnpm --filter @aivillage/screening train\`; do not edit. */\nexport const trained = {\n${lines.join("\n")}\n};\n`,
  );
}

/** The model as it will be when its weights were written and read. */
export function quantiseModel({ bias, features, ngrams }: Model): Model {
  return { bias: round(bias), features: quantise(features), ngrams: quantise(ngrams) };
}

/** Larger weights than this are cut off, so that small ones keep their differences. */
const largestWeight = { share: 0.999 } as const;

function quantise({ weights }: WeightTable): { readonly scale: number; readonly weights: Int8Array } {
  const sizes = Array.from(weights, Math.abs)
    .filter((size) => size > 0)
    .toSorted((a, b) => a - b);
  const scale = (sizes[Math.floor(sizes.length * largestWeight.share)] ?? 1) / most;
  return { scale, weights: Int8Array.from(weights, (weight) => Math.max(-most, Math.min(most, Math.round(weight / scale)))) };
}

function encode({ scale, weights }: ReturnType<typeof quantise>): { scale: number; weights: string } {
  return { scale, weights: deflateRawSync(weights, { level: 9 }).toString("base64") };
}

function round(value: number): number {
  return Math.round(value * precision) / precision;
}
