import type { Evidence } from "../evidence.ts";
import type { Finding } from "../finding.ts";
import { Score } from "../score.ts";
import { weigh } from "./model.ts";
import { read } from "./reading.ts";
import { loadWeights } from "./weights.ts";

const nothing: readonly Finding[] = [];

/** An attack that no detector sees is short; longer texts without evidence are formulas and data. */
const longestUnseen = 256;

/** Whether there is anything for the model to judge. */
export function isJudged(evidence: readonly Evidence[], text: string): boolean {
  return evidence.length > 0 || text.length <= longestUnseen;
}

/**
 * The second opinion on a text in prose. What counts is dropped when the model clearly disagrees, a weak sign is a finding when the
 * model is nearly certain, and so is a short text in which no detector sees anything.
 */
export function judge(evidence: readonly Evidence[], text: string): readonly Finding[] {
  const reading = isJudged(evidence, text) ? read(evidence, text) : undefined;
  if (reading === undefined) return nothing;
  const { model, limits, calibration } = loadWeights();
  const weight = weigh(reading, model);
  const confidence = 1 / (1 + Math.exp(-(calibration.slope * weight + calibration.offset)));
  if (!reading.sees) return weight > limits.unseen ? [likeness(text, confidence)] : nothing;
  const counting = evidence.filter(({ counts }) => counts);
  if (counting.length === 0) return weight > limits.certain ? [toFinding(strongest(evidence), confidence, "judgement")] : nothing;
  if (weight > limits.disagree) return counting.map((each) => toFinding(each, confidence, "both"));
  // A text that was not read to its end cannot be judged.
  return counting.filter(({ rule }) => rule === "too-many-signs").map((each) => toFinding(each, each.score / Score.most, "evidence"));
}

function likeness(text: string, confidence: number): Finding {
  return toFinding({ class: "other", rule: "likeness", score: Score.likely, span: [0, text.length] }, confidence, "judgement");
}

/** Without a second opinion, the evidence that counts is what was found. */
export function accept(evidence: readonly Evidence[]): readonly Finding[] {
  if (evidence.length === 0) return nothing;
  return evidence.filter(({ counts }) => counts).map((each) => toFinding(each, each.score / Score.most, "evidence"));
}

function strongest(evidence: readonly Evidence[]): Evidence {
  return evidence.reduce((best, each) => (each.score > best.score ? each : best));
}

type Seen = Pick<Evidence, "class" | "rule" | "score" | "span">;

function toFinding({ class: attackClass, rule, score, span }: Seen, confidence: number, basis: Finding["basis"]): Finding {
  return { class: attackClass, rule, score, span, confidence, basis, outcome: "block" };
}
