import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** What stands at a position where SQL expects a value. */
export interface Operand {
  /** The token after it. */
  readonly next: number;
  /** A number, a string or NULL: comparing it to another literal has no use but to be true or false. */
  readonly literal: boolean;
  /** It began or ended with a quote. */
  readonly quoted: boolean;
  /** A call or a subquery. */
  readonly call: boolean;
}

const maxPrefix = 6;
const maxCall = 48;

/** Reads an operand with a bounded look ahead; `undefined` when there is none. */
export function readOperand(tokens: SqlTokens, from: number): Operand | undefined {
  let at = from;
  while (at < from + maxPrefix && isPrefix(tokens, at)) at += 1;
  const operand = readBare(tokens, at);
  if (operand === undefined || operand.call || at === from) return operand;
  return { ...operand, next: skipCloses(tokens, operand.next, from, at) };
}

/** `((1))`: as many closing parentheses as were opened. */
function skipCloses(tokens: SqlTokens, next: number, from: number, to: number): number {
  let at = next;
  for (let prefix = from; prefix < to; prefix += 1) {
    if (tokens.kind(prefix) === Kind.open && tokens.kind(at) === Kind.close) at += 1;
  }
  return at;
}

function readBare(tokens: SqlTokens, at: number): Operand | undefined {
  if (tokens.kind(at) === Kind.quote) return readString(tokens, at);
  if (tokens.kind(at) === Kind.number) return withTrailingQuote(tokens, at + 1, true);
  if (tokens.kind(at) === Kind.variable) {
    const quoted = tokens.kind(at + 1) === Kind.quote && tokens.endOf(at) === tokens.start(at + 1);
    return quoted ? readString(tokens, at + 1) : { next: at + 1, literal: false, quoted: false, call: false };
  }
  if (tokens.meaning(at) === Word.select) return { next: closeOf(tokens, at), literal: false, quoted: false, call: true };
  if (tokens.kind(at) !== Kind.word || isClause(tokens.meaning(at))) return undefined;
  if (tokens.kind(at + 1) === Kind.open) return { next: closeOf(tokens, at + 2), literal: false, quoted: false, call: true };
  return withTrailingQuote(tokens, endOfName(tokens, at), tokens.meaning(at) === Word.literal);
}

/** Signs, negations, opening parentheses and type prefixes. */
function isPrefix(tokens: SqlTokens, at: number): boolean {
  const kind = tokens.kind(at);
  if (kind === Kind.open || tokens.meaning(at) === Word.not) return true;
  return kind === Kind.operator && "-+~!".includes(String.fromCharCode(tokens.first(at)));
}

function isClause(meaning: number): boolean {
  return meaning === Word.logic || meaning === Word.from || meaning === Word.union || meaning === Word.compare;
}

/** `'a b'`, `''`, and `'1` whose partner the query around has. Between backticks is a name, or what a sentence marks as code. */
function readString(tokens: SqlTokens, at: number): Operand {
  const literal = tokens.first(at) !== 0x60;
  for (let next = at + 1; next <= at + 4; next += 1) {
    if (tokens.kind(next) === Kind.quote) return { next: next + 1, literal, quoted: true, call: false };
    if (literal && tokens.kind(next) === Kind.compare) return { next, literal, quoted: true, call: false };
  }
  return { next: at + 2, literal, quoted: true, call: false };
}

function withTrailingQuote(tokens: SqlTokens, next: number, literal: boolean): Operand {
  const quoted = tokens.kind(next) === Kind.quote;
  return { next: quoted ? next + 1 : next, literal: literal || quoted, quoted, call: false };
}

function endOfName(tokens: SqlTokens, at: number): number {
  let next = at + 1;
  while (next < at + 6 && tokens.kind(next) === Kind.dot && tokens.endOf(next) === tokens.start(next + 1)) next += 2;
  return next;
}

/** After the parenthesis that closes a call, or after the look ahead. */
export function closeOf(tokens: SqlTokens, from: number): number {
  let depth = 1;
  for (let at = from; at < from + maxCall; at += 1) {
    if (tokens.kind(at) === Kind.open) depth += 1;
    if (tokens.kind(at) === Kind.close) depth -= 1;
    if (depth === 0 || tokens.kind(at) === Kind.end) return at + 1;
  }
  return from + maxCall;
}
