import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";

import type { Model } from "../src/judgement/model.ts";
import type { Weights } from "../src/judgement/weights.ts";

const most = 127;
const precision = 1_000;

/** Writes a model as a module: eight bits for each weight of a sequence of symbols, three decimals for the others. */
export function writeWeights(
  file: string,
  model: Model,
  limits: Weights["limits"],
  calibration: Weights["calibration"],
  date: string,
): void {
  const learned = { bias: round(model.bias), ...quantise(model), features: roundAll(model.features), limits, calibration };
  const digest = createHash("sha256").update(JSON.stringify(learned)).digest("hex");
  const trained = { version: 1, date, digest, ...learned };
  const lines = Object.entries(trained).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`);
  writeFileSync(
    file,
    `/** Written by \`pnpm --filter @aivillage/screening train\`; do not edit. */\nexport const trained = {\n${lines.join("\n")}\n};\n`,
  );
}

function quantise({ ngrams }: Model): { scale: number; ngrams: string } {
  const weights = Array.from(ngrams);
  const largest = weights.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0);
  const scale = largest / most;
  const bytes = Int8Array.from(weights, (weight) => Math.round(weight / scale));
  return { scale, ngrams: deflateRawSync(bytes, { level: 9 }).toString("base64") };
}

function roundAll(features: ReadonlyMap<string, number>): Record<string, number> {
  const entries = [...features].map(([name, weight]) => [name, round(weight)] as const);
  return Object.fromEntries(entries.filter(([, weight]) => weight !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function round(value: number): number {
  return Math.round(value * precision) / precision;
}
