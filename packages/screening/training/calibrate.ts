import type { Weights } from "../src/judgement/weights.ts";

type Calibration = Weights["calibration"];

/** What a model said about a text that it had not seen, and what the text is. */
interface Told {
  readonly weight: number;
  readonly isAttack: boolean;
}

const steps = 2_000;
const rate = 0.5;

/** Fits the probability of an attack to the weight, by Platt's method: a logistic curve with a slope and an offset. */
export function calibrate(told: readonly Told[]): Calibration {
  let slope = 1;
  let offset = 0;
  for (let step = 0; step < steps; step += 1) {
    let towardsSlope = 0;
    let towardsOffset = 0;
    for (const { weight, isAttack } of told) {
      const error = 1 / (1 + Math.exp(-(slope * weight + offset))) - Number(isAttack);
      towardsSlope += error * weight;
      towardsOffset += error;
    }
    slope -= (rate * towardsSlope) / told.length;
    offset -= (rate * towardsOffset) / told.length;
  }
  return { slope: rounded(slope), offset: rounded(offset) };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
