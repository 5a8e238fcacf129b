import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { Score } from "../score.ts";
import { weigh } from "./model.ts";
import { read } from "./reading.ts";
import { loadWeights } from "./weights.ts";

const nothing: readonly Finding[] = [];

/**
 * The second opinion on what the detectors saw in prose. What counts is dropped when the model clearly disagrees; evidence that does
 * not count by itself is a finding when the model is nearly certain.
 */
export function judge(evidence: readonly Evidence[], text: string): readonly Finding[] {
  if (evidence.length === 0) return nothing;
  const { model, limits, calibration } = loadWeights();
  const weight = weigh(read(evidence, text), model);
  const confidence = 1 / (1 + Math.exp(-(calibration.slope * weight + calibration.offset)));
  const counting = evidence.filter(({ counts }) => counts);
  if (weight > limits.disagree) {
    if (counting.length > 0) return counting.map((each) => toFinding(each, confidence, "both"));
    return weight > limits.certain ? [toFinding(strongest(evidence), confidence, "judgement")] : nothing;
  }
  // A text that was not read to its end cannot be judged.
  return counting.filter(({ rule }) => rule === "too-many-signs").map((each) => toFinding(each, each.score / Score.most, "evidence"));
}

/** Without a second opinion, the evidence that counts is what was found. */
export function accept(evidence: readonly Evidence[]): readonly Finding[] {
  if (evidence.length === 0) return nothing;
  return evidence.filter(({ counts }) => counts).map((each) => toFinding(each, each.score / Score.most, "evidence"));
}

function strongest(evidence: readonly Evidence[]): Evidence {
  return evidence.reduce((best, each) => (each.score > best.score ? each : best));
}

function toFinding({ class: attackClass, rule, score, span }: Evidence, confidence: number, basis: Finding["basis"]): Finding {
  return { class: attackClass, rule, score, span, confidence, basis, outcome: "block" };
}
