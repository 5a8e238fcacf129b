import { type Evidence, type Excerpt, excerptAt } from "../evidence.ts";
import { featuresOf } from "./features.ts";
import { writeSymbols } from "./symbols.ts";

/** As many excerpts as are read; a text of ordinary length has one. */
const maxExcerpts = 4;
/** An excerpt that has this much around a match holds every window with the match in it. */
const reach = 128;
const maxSymbols = 1_024;

/** A longer text in which no detector sees anything is not even learned from. */
const longestWhole = 400;

/**
 * A text as the model sees it: the symbols of each excerpt, and the slots of the features of the evidence. The excerpts are in memory that
 * the next reading reuses.
 */
export interface Reading {
  readonly excerpts: readonly Uint8Array[];
  readonly features: readonly number[];
  /** Whether any detector saw anything. */
  readonly sees: boolean;
}

const rooms = Array.from({ length: maxExcerpts }, () => new Uint8Array(maxSymbols));

/**
 * Reads the surroundings of the evidence, a bounded number of characters whatever the length of the text; without evidence, a short
 * text as a whole.
 *
 * @returns undefined for a text that is not judged
 */
export function read(evidence: readonly Evidence[] | undefined, text: string): Reading | undefined {
  if (evidence === undefined) return undefined;
  const sees = evidence.length > 0;
  if (!sees && text.length > longestWhole) return undefined;
  const strongestFirst = evidence.toSorted((a, b) => Number(b.counts) - Number(a.counts) || b.score - a.score);
  const excerpts = sees ? excerptsOf(strongestFirst) : [excerptAt(text, 0)];
  return { excerpts: excerpts.map(readExcerpt), features: featuresOf(strongestFirst, text), sees };
}

function readExcerpt({ text, start, end }: Excerpt, index: number): Uint8Array {
  const room = rooms[index] ?? new Uint8Array(maxSymbols);
  return room.subarray(0, writeSymbols(text, start, end, room));
}

/** The excerpts of what counts before the others, each match in one of them. */
function excerptsOf(evidence: readonly Evidence[]): Excerpt[] {
  const excerpts: Excerpt[] = [];
  for (const { around } of evidence) {
    if (excerpts.length === maxExcerpts) break;
    if (!excerpts.some((known) => holds(known, around))) excerpts.push(around);
  }
  return excerpts;
}

function holds({ text, start, end }: Excerpt, other: Excerpt): boolean {
  return start <= Math.max(0, other.position - reach) && end >= Math.min(text.length, other.position + reach) && text === other.text;
}
