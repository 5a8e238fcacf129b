import { codeUnits } from "../scan/code-units.ts";

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

/** Columns of tokens; kept between texts, since a text is screened in one go. */
let columns = makeColumns(256);
const maxTokens = 100_000;

/** A text cut into tokens, held in columns; places outside have kind `end`. Valid until the next text is cut. */
export class SqlTokens {
  readonly text: string;
  /** The text from place 1 on; for cutting it only. */
  readonly units: Uint16Array;
  length = 0;
  readonly #kinds: Uint8Array;
  readonly #meanings: Uint8Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #visited: Int32Array;
  /** How many tokens there are that a rule may begin at. */
  visits = 0;
  /** Behind these places no comment ends; they keep the search for an end linear. */
  readonly lastBlockEnd: number;
  readonly lastLineEnd: number;
  /** A line comment that a line break ends stands behind a piece of SQL, so that what follows may belong to it. */
  hidesJoint = false;

  constructor(text: string) {
    this.text = text;
    this.units = codeUnits(text);
    const { kinds, meanings, starts, ends, visited } = columnsFor(text.length);
    this.#kinds = kinds;
    this.#meanings = meanings;
    this.#starts = starts;
    this.#ends = ends;
    this.#visited = visited;
    this.lastBlockEnd = text.lastIndexOf("*/");
    this.lastLineEnd = text.lastIndexOf("\n");
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
    this.length = at + 1;
    if (meaning === 0 && isVisited[kind] === 0) return;
    this.#visited[this.visits] = at;
    this.visits += 1;
  }
}

const isVisited = new Uint8Array(16);
for (const kind of [Kind.logic, Kind.quote, Kind.comment, Kind.variable]) isVisited[kind] = 1;

/** Room for as many tokens as characters, but no more than are read. */
function columnsFor(size: number): typeof columns {
  if (Math.min(maxTokens, size) <= columns.kinds.length) return columns;
  const room = Math.min(maxTokens, 2 ** Math.ceil(Math.log2(size)));
  columns = makeColumns(room);
  return columns;
}

function makeColumns(room: number) {
  return {
    kinds: new Uint8Array(room),
    meanings: new Uint8Array(room),
    starts: new Int32Array(room),
    ends: new Int32Array(room),
    visited: new Int32Array(room),
  };
}
