import type { Evidence } from "../evidence.ts";
import { Score } from "../score.ts";

const lengths = [20, 60, 150, 400, 1_000, 3_000] as const;
const distances = [2, 5, 40] as const;
const lineCounts = [2, 4, 10] as const;
const mostLines = 10;

/**
 * Names what is known about a text beside its characters: each rule with a band of its score, how many rules there are, how long the
 * text is, and where what counts stands in it.
 */
export function featuresOf(evidence: readonly Evidence[], text: string): string[] {
  const counting = evidence.filter(({ counts }) => counts);
  const features = evidence.map(({ class: attackClass, rule, score }) => `${attackClass}/${rule} ${scoreBand(score)}`);
  features.push(
    `rules ${Math.min(evidence.length, 4)}`,
    `counting ${Math.min(counting.length, 3)}`,
    `length ${band(text.length, lengths)}`,
  );
  if (counting.length > 0) features.push(...positionFeatures(counting, text));
  return features;
}

/** What these features would be if no detector had seen anything. */
export function withoutEvidence(features: readonly string[]): string[] {
  return ["rules 0", "counting 0", ...features.filter((name) => name.startsWith("length "))];
}

function positionFeatures(counting: readonly Evidence[], text: string): string[] {
  const start = Math.min(...counting.map(({ span }) => span[0]));
  const end = Math.max(...counting.map(({ span }) => span[1]));
  const lead = text.slice(Math.max(0, start - 2_000), start);
  const features = [
    `start ${band(start, distances)}`,
    `rest ${band(text.length - end, distances)}`,
    `lines ${band(countLines(text), lineCounts)}`,
  ];
  if (lead.includes("\n")) features.push("after a line");
  if (/\n[ \t\r]{0,40}\n/.test(lead)) features.push("after a blank line");
  if (lead.includes("```")) features.push("after a fence");
  return features;
}

function scoreBand(score: number): string {
  if (score >= Score.certain) return "certain";
  return score >= Score.likely ? "likely" : "weak";
}

/** The index of the first bound above the value. */
function band(value: number, bounds: readonly number[]): number {
  const index = bounds.findIndex((bound) => value < bound);
  return index === -1 ? bounds.length : index;
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at !== -1 && count < mostLines; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
