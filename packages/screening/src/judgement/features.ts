import type { Evidence } from "../evidence.ts";
import { Score } from "../score.ts";
import { band, countLines } from "./bands.ts";
import { shapeOf } from "./shape.ts";
import { surroundingsOf } from "./surroundings.ts";

/** As many weights as features have; features that share one were learned together. */
export const featureSlots = 1 << 15;

const lengths = [20, 60, 150, 400, 1_000, 3_000];
const distances = [2, 5, 40];
const lineCounts = [2, 4, 10];
const mostLines = 10;
/** As many matches as are looked around. */
const mostMatches = 2;

/**
 * The slots of what is known about a text beside its characters: each rule with a band of its score, how many rules there are, how long
 * the text is, its shape, and what surrounds the strongest matches. Without evidence it is the length alone.
 *
 * @param strongestFirst what the detectors see
 */
export function featuresOf(strongestFirst: readonly Evidence[], text: string): Int32Array {
  return strongestFirst.length === 0 ? featuresOfLength(text) : slotsOf(namesOf(strongestFirst, text));
}

/** Most texts have no evidence, and then there are only as many sets of features as bands of length. */
const byLength: Int32Array[] = [];

function featuresOfLength(text: string): Int32Array {
  return (byLength[band(text.length, lengths)] ??= slotsOf(namesOf([], text)));
}

function slotsOf(names: readonly string[]): Int32Array {
  return Int32Array.from(names, slotOf);
}

function namesOf(evidence: readonly Evidence[], text: string): string[] {
  const counting = evidence.filter(({ counts }) => counts);
  const names = [
    `rules ${Math.min(evidence.length, 4)}`,
    `counting ${Math.min(counting.length, 3)}`,
    `length ${band(text.length, lengths)}`,
    ...evidence.map(({ class: attackClass, rule, score }) => `${attackClass}/${rule} ${scoreBand(score)}`),
  ];
  if (evidence.length > 0) names.push(...shapeOf(text));
  if (counting.length > 0) names.push(...positionNames(counting, text));
  return names.concat(...evidence.slice(0, mostMatches).map((each, rank) => surroundingsOf(each, text, rank)));
}

function positionNames(counting: readonly Evidence[], text: string): string[] {
  const start = Math.min(...counting.map(({ span }) => span[0]));
  const end = Math.max(...counting.map(({ span }) => span[1]));
  const lead = text.slice(Math.max(0, start - 2_000), start);
  const names = [
    `start ${band(start, distances)}`,
    `rest ${band(text.length - end, distances)}`,
    `lines of all ${band(countLines(text, mostLines), lineCounts)}`,
  ];
  if (lead.includes("\n")) names.push("after a line");
  if (/\n[ \t\r]{0,40}\n/.test(lead)) names.push("after a blank line");
  if (lead.includes("```")) names.push("after a fence");
  return names;
}

function scoreBand(score: number): string {
  if (score >= Score.certain) return "certain";
  return score >= Score.likely ? "likely" : "weak";
}

/** The hash FNV-1a of a name. */
function slotOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) & (featureSlots - 1);
}
