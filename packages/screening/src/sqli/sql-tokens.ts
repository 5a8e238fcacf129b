import type { TextScan } from "../scan/text-scan.ts";
import { cellsOfToken, maxTokens } from "../scan/token-columns.ts";
import { meaningOfNumber } from "./words.ts";

/** Kinds of token. Quotes are tokens of their own: in an injected value nobody knows which one opens and which closes. */
export const Kind = {
  end: 0,
  word: 1,
  number: 2,
  quote: 3,
  compare: 4,
  operator: 5,
  open: 6,
  close: 7,
  comma: 8,
  semicolon: 9,
  comment: 10,
  variable: 11,
  /** `&&` and `||`. */
  logic: 12,
  dot: 13,
  other: 14,
} as const;

/** Kinds that a rule may begin at, a bit for each. */
export const visitedKinds = (1 << Kind.logic) | (1 << Kind.quote) | (1 << Kind.comment) | (1 << Kind.variable);

/** From which bit on the number of a word with a meaning stands, above its kind. */
export const numberAt = 4;
const kindMask = (1 << numberAt) - 1;
const numberMask = 255;
const breaking = 1 << 12;
// A copy, since imports are looked up again each time.
const size = cellsOfToken;

/** A text cut into tokens, held in a row of numbers; positions outside have kind `end`. Valid until the scan cuts or reads again. */
export class SqlTokens {
  readonly text: string;
  /** The text from position 1 on; for cutting it only. */
  readonly units: Uint16Array;
  length = 0;
  /** How many tokens there are that a rule may begin at. */
  visits = 0;
  /** Of each token where it starts, where it ends, and its kind with the number of its word; for cutting the text only, as the next. */
  readonly cells: Int32Array;
  readonly visited: Int32Array;
  /** A line comment that a line break ends follows a fragment of SQL, so that what follows may belong to it. */
  hidesJoint = false;
  #blockEnds = true;
  #lastLineEnd: number | undefined;

  constructor({ text, units, tokenColumns }: TextScan) {
    this.text = text;
    this.units = units;
    tokenColumns.reserve(text.length);
    this.cells = tokenColumns.cells;
    this.visited = tokenColumns.visited;
  }

  /** Where the next block comment ends, -1 for nowhere. Asked from left to right, so that the search for an end stays linear. */
  blockEndBehind(at: number): number {
    if (!this.#blockEnds) return -1;
    const end = this.text.indexOf("*/", at);
    this.#blockEnds = end !== -1;
    return end;
  }

  /** After this position no line ends. */
  get lastLineEnd(): number {
    return (this.#lastLineEnd ??= this.text.lastIndexOf("\n"));
  }

  kind(at: number): number {
    return at >= 0 && at < this.length ? (this.cells[at * size + 2] ?? 0) & kindMask : Kind.end;
  }

  /** The number of a word with a meaning, 0 for any other token. */
  wordNumber(at: number): number {
    return at >= 0 && at < this.length ? ((this.cells[at * size + 2] ?? 0) >> numberAt) & numberMask : 0;
  }

  meaning(at: number): number {
    return meaningOfNumber(this.wordNumber(at));
  }

  start(at: number): number {
    return at >= 0 && at < this.length ? (this.cells[at * size] ?? 0) : this.text.length;
  }

  endOf(at: number): number {
    return at >= 0 && at < this.length ? (this.cells[at * size + 1] ?? 0) : this.text.length;
  }

  /** The first code unit of a token. */
  first(at: number): number {
    return at >= 0 && at < this.length ? this.text.charCodeAt(this.cells[at * size] ?? 0) : 0;
  }

  /** The token of a visit: a word with a meaning, a quote that breaks out, a comment, a variable, `&&` or `||`. */
  visit(index: number): number {
    return this.visited[index] ?? 0;
  }

  /** Whether a token is a quote that was marked as one that breaks out. */
  breaks(at: number): boolean {
    return at >= 0 && at < this.length && ((this.cells[at * size + 2] ?? 0) & breaking) !== 0;
  }

  markBreaking(at: number): void {
    this.cells[at * size + 2] = (this.cells[at * size + 2] ?? 0) | breaking;
  }

  value(at: number): string {
    return this.text.slice(this.start(at), this.endOf(at));
  }

  /** A text of more tokens than this is not read further. */
  get isFull(): boolean {
    return this.length >= maxTokens;
  }

  /** Adds a token that is no word. */
  push(kind: number, start: number, end: number): void {
    const at = this.length * size;
    this.cells[at] = start;
    this.cells[at + 1] = end;
    this.cells[at + 2] = kind;
    if (((visitedKinds >> kind) & 1) !== 0) this.addVisit(this.length);
    this.length += 1;
  }

  addVisit(at: number): void {
    this.visited[this.visits] = at;
    this.visits += 1;
  }
}
