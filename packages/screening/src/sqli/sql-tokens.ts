import type { TextScan } from "../scan/text-scan.ts";
import { maxTokens } from "../scan/token-columns.ts";

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

/** A text cut into tokens, held in columns; positions outside have kind `end`. Valid until the scan cuts or reads again. */
export class SqlTokens {
  readonly text: string;
  /** The text from position 1 on; for cutting it only. */
  readonly units: Uint16Array;
  length = 0;
  readonly #kinds: Uint8Array;
  readonly #meanings: Uint8Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #visited: Int32Array;
  readonly #breaking: Uint8Array;
  #lastBlockEnd: number | undefined;
  #lastLineEnd: number | undefined;
  /** How many tokens there are that a rule may begin at. */
  visits = 0;
  /** A line comment that a line break ends follows a fragment of SQL, so that what follows may belong to it. */
  hidesJoint = false;

  constructor({ text, units, tokenColumns }: TextScan) {
    this.text = text;
    this.units = units;
    tokenColumns.reserve(text.length);
    const { kinds, meanings, starts, ends, visited, breaking } = tokenColumns;
    this.#kinds = kinds;
    this.#meanings = meanings;
    this.#starts = starts;
    this.#ends = ends;
    this.#visited = visited;
    this.#breaking = breaking;
  }

  /** Behind this position no block comment ends, which keeps the search for an end linear. */
  get lastBlockEnd(): number {
    return (this.#lastBlockEnd ??= this.text.lastIndexOf("*/"));
  }

  /** Behind this position no line ends. */
  get lastLineEnd(): number {
    return (this.#lastLineEnd ??= this.text.lastIndexOf("\n"));
  }

  kind(at: number): number {
    return at >= 0 && at < this.length ? (this.#kinds[at] ?? 0) : Kind.end;
  }

  meaning(at: number): number {
    return at >= 0 && at < this.length ? (this.#meanings[at] ?? 0) : 0;
  }

  start(at: number): number {
    return at >= 0 && at < this.length ? (this.#starts[at] ?? 0) : this.text.length;
  }

  endOf(at: number): number {
    return at >= 0 && at < this.length ? (this.#ends[at] ?? 0) : this.text.length;
  }

  /** The first code unit of a token. */
  first(at: number): number {
    return at >= 0 && at < this.length ? this.text.charCodeAt(this.#starts[at] ?? 0) : 0;
  }

  /** The token of a visit: a word with a meaning, a quote, a comment, a variable, `&&` or `||`. */
  visit(index: number): number {
    return this.#visited[index] ?? 0;
  }

  /** Whether a token is a quote that was marked as one that breaks out. */
  breaks(at: number): boolean {
    return at >= 0 && at < this.length && this.#breaking[at] === 1;
  }

  markBreaking(at: number): void {
    this.#breaking[at] = 1;
  }

  value(at: number): string {
    return this.text.slice(this.start(at), this.endOf(at));
  }

  /** A text of more tokens than this is not read further. */
  get isFull(): boolean {
    return this.length >= maxTokens;
  }

  push(kind: number, start: number, end: number, meaning = 0): void {
    const at = this.length;
    this.#kinds[at] = kind;
    this.#meanings[at] = meaning;
    this.#starts[at] = start;
    this.#ends[at] = end;
    this.#breaking[at] = 0;
    this.length = at + 1;
    if (meaning === 0 && isVisited[kind] === 0) return;
    this.#visited[this.visits] = at;
    this.visits += 1;
  }
}

const isVisited = new Uint8Array(16);
for (const kind of [Kind.logic, Kind.quote, Kind.comment, Kind.variable]) isVisited[kind] = 1;
