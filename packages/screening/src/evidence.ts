import type { AttackClass } from "./finding.ts";

/** What a detector saw in a text, whether it counts or not. */
export interface Evidence {
  /** Class and rule, as `screeningRules` names them. */
  readonly id: string;
  readonly class: AttackClass;
  readonly rule: string;
  /** How sure the rule is, from 1 to 10, less the discount for code. */
  readonly score: number;
  /** Start and end in the text; the whole text where it shows after decoding only. */
  readonly span: readonly [start: number, end: number];
  /** Whether the score reaches the threshold. */
  readonly counts: boolean;
  readonly around: Excerpt;
}

/** Part of a text, or of what it becomes without its encodings. */
export interface Excerpt {
  readonly text: string;
  /** Where the match begins. */
  readonly position: number;
  readonly start: number;
  readonly end: number;
}

/** As much of the text as is read around a match. */
const before = 200;
const after = 400;

/** The part of a text around a position. */
export function excerptAt(text: string, position: number): Excerpt {
  return { text, position, start: Math.max(0, position - before), end: Math.min(text.length, position + after) };
}
