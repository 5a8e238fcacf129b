import { type Evidence, excerptAt } from "./evidence.ts";
import type { AttackClass } from "./finding.ts";
import type { Match } from "./match-set.ts";
import { Score } from "./score.ts";
import { type CodeSpans, codeSpans, isInCode, noSpans } from "./text/code-spans.ts";

const codeDiscount = 2;

/** Collects the strongest match of each rule, less a discount for what is marked as code. */
export class EvidenceSet {
  readonly #found: Map<string, Evidence>;
  readonly #threshold: number;
  /** Weaker matches are dropped. */
  readonly #least: number;
  readonly #marksCode: boolean;
  /** The length of the text, once its layers are looked at: a position in them is none in the text. */
  #whole: number | undefined;
  #text = "";
  #spans: CodeSpans | undefined;

  constructor(threshold: number, least: number, marksCode: boolean, found = new Map<string, Evidence>(), whole?: number) {
    this.#threshold = threshold;
    this.#least = least;
    this.#marksCode = marksCode;
    this.#found = found;
    this.#whole = whole;
  }

  /** The same evidence, for values inside the text that are fields of their own. */
  asStrict(threshold: number): EvidenceSet {
    return new EvidenceSet(threshold, threshold, false, this.#found, this.#whole);
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

  /** Whether the rule with this id was found with this score, and counts if it can; it then need not be looked for. */
  has(id: string, score: number): boolean {
    const known = this.#found.size === 0 ? undefined : this.#found.get(id);
    return known !== undefined && known.score >= score && (known.counts || score < this.#threshold);
  }

  addMatches(attackClass: AttackClass, matches: Iterable<Match>): void {
    for (const { rule, score, start, end } of matches) this.add(attackClass, rule, score, start, end);
  }

  add(attackClass: AttackClass, rule: string, score: number, start: number, end: number): void {
    if (score < this.#least) return;
    const id = `${attackClass}/${rule}`;
    if (this.has(id, score)) return;
    const weighed = score < Score.certain && this.#isInCode(start) ? score - codeDiscount : score;
    if (weighed < this.#least || this.has(id, weighed)) return;
    this.#found.set(id, {
      id,
      class: attackClass,
      rule,
      score: weighed,
      span: this.#whole === undefined ? [start, end] : [0, this.#whole],
      counts: weighed >= this.#threshold,
      around: excerptAt(this.#text, start),
    });
  }

  list(): Evidence[] {
    return [...this.#found.values()];
  }

  #isInCode(position: number): boolean {
    if (!this.#marksCode) return false;
    this.#spans ??= codeSpans(this.#text);
    return this.#spans !== noSpans && isInCode(this.#spans, position);
  }
}
