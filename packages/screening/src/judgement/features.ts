import type { Evidence } from "../evidence.ts";
import { Score } from "../score.ts";
import { band, countLines } from "./bands.ts";
import { FeatureSlots } from "./feature-slots.ts";
import { addPlainShape, addShape } from "./shape.ts";
import { addSurroundings } from "./surroundings.ts";

const lengths = [20, 60, 150, 400, 1_000, 3_000];
const distances = [2, 5, 40];
const lineCounts = [2, 4, 10];
const mostLines = 10;
/** As many matches as are looked around. */
const mostMatches = 2;
/** How far before the first match is looked. */
const lead = 2_000;
/** As much space as a blank line may have. */
const mostSpace = 40;
const lineBreak = 0x0a;

/**
 * The slots of what is known about a text beside its characters: each rule with a band of its score, how many rules there are, how long
 * the text is, its shape, and what surrounds the strongest matches. Without evidence it is the length and the shape.
 *
 * @param strongestFirst what the detectors see
 */
export function featuresOf(strongestFirst: readonly Evidence[], text: string): readonly number[] {
  return strongestFirst.length === 0 ? featuresOfPlain(text) : featuresOfEvidence(strongestFirst, text);
}

function featuresOfPlain(text: string): readonly number[] {
  const slots = new FeatureSlots();
  slots.add("rules ", 0);
  slots.add("length ", band(text.length, lengths));
  addPlainShape(text, slots);
  return slots.list();
}

function featuresOfEvidence(evidence: readonly Evidence[], text: string): readonly number[] {
  const slots = new FeatureSlots();
  const counting = evidence.filter(({ counts }) => counts);
  slots.add("rules ", Math.min(evidence.length, 4));
  slots.add("counting ", Math.min(counting.length, 3));
  slots.add("length ", band(text.length, lengths));
  for (const { id, score } of evidence) slots.add(id, scoreBand(score));
  addShape(text, slots);
  if (counting.length > 0) addPosition(counting, text, slots);
  for (let rank = 0; rank < mostMatches; rank += 1) {
    const match = evidence[rank];
    if (match !== undefined) addSurroundings(match, text, rank, slots);
  }
  return slots.list();
}

function addPosition(counting: readonly Evidence[], text: string, slots: FeatureSlots): void {
  const start = Math.min(...counting.map(({ span }) => span[0]));
  const end = Math.max(...counting.map(({ span }) => span[1]));
  const before = text.slice(Math.max(0, start - lead), start);
  slots.add("start ", band(start, distances));
  slots.add("rest ", band(text.length - end, distances));
  slots.add("lines of all ", band(countLines(text, mostLines), lineCounts));
  if (before.includes("\n")) slots.add("after a line");
  if (hasBlankLine(before)) slots.add("after a blank line");
  if (before.includes("```")) slots.add("after a fence");
}

/** Whether a line has nothing but a little space. */
function hasBlankLine(text: string): boolean {
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
    let next = at + 1;
    while (next <= at + mostSpace && isSpace(text.charCodeAt(next))) next += 1;
    if (text.charCodeAt(next) === lineBreak) return true;
  }
  return false;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}

function scoreBand(score: number): string {
  if (score >= Score.certain) return " certain";
  return score >= Score.likely ? " likely" : " weak";
}
