import type { AttackClass, Finding } from "./finding.ts";
import type { Match } from "./match-set.ts";
import { Score } from "./score.ts";
import { type CodeSpans, codeSpans, isInCode, noSpans } from "./text/code-spans.ts";

const codeDiscount = 2;

/** Collects what counts: the first match of each rule that reaches the threshold, less a discount for what is marked as code. */
export class FindingSet {
  readonly #found: Map<string, Finding>;
  readonly #threshold: number;
  readonly #marksCode: boolean;
  /** The length of the text, once its layers are looked at: a position in them is none in the text. */
  #whole: number | undefined;
  #text = "";
  #spans: CodeSpans | undefined;

  constructor(threshold: number, marksCode: boolean, found = new Map<string, Finding>(), whole?: number) {
    this.#threshold = threshold;
    this.#marksCode = marksCode;
    this.#found = found;
    this.#whole = whole;
  }

  /** The same findings, for values inside the text that are fields of their own. */
  asStrict(threshold: number): FindingSet {
    return new FindingSet(threshold, false, this.#found, this.#whole);
  }

  /** From now on positions are not those of the text, whose length this is. */
  hideIn(length: number): void {
    this.#whole ??= length;
  }

  /** From now on, matches are in this text. */
  read(text: string): void {
    this.#text = text;
    this.#spans = undefined;
  }

  /** Whether the rule with this id was found; it then need not be looked for. */
  has(id: string): boolean {
    return this.#found.size > 0 && this.#found.has(id);
  }

  addMatches(attackClass: AttackClass, matches: Iterable<Match>): void {
    for (const { rule, score, start, end } of matches) this.add(attackClass, rule, score, start, end);
  }

  add(attackClass: AttackClass, rule: string, score: number, start: number, end: number): void {
    if (score < this.#threshold) return;
    const name = `${attackClass}/${rule}`;
    if (this.has(name)) return;
    const weighed = score < Score.certain && this.#isInCode(start) ? score - codeDiscount : score;
    if (weighed < this.#threshold) return;
    this.#found.set(name, {
      class: attackClass,
      rule,
      score: weighed,
      span: this.#whole === undefined ? [start, end] : [0, this.#whole],
    });
  }

  list(): Finding[] {
    return [...this.#found.values()];
  }

  #isInCode(position: number): boolean {
    if (!this.#marksCode) return false;
    this.#spans ??= codeSpans(this.#text);
    return this.#spans !== noSpans && isInCode(this.#spans, position);
  }
}
