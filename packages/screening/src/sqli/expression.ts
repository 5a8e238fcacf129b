import { closeOf } from "./operand.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** What follows a value in an expression: operators and operands in turn. */
export interface Continuation {
  /** The token after it. */
  readonly next: number;
  readonly operators: number;
  /** Comparisons among the operators. */
  readonly compares: number;
  /** The quote that begins the last operand, when that is a string that nothing closes; 0 otherwise. */
  readonly dangling: number;
  /** The last operand is a number, a string, a variable or a call, and no mere name. */
  readonly valued: boolean;
}

const maxTokens = 64;
const maxOperators = 8;

/** Reads `op operand op operand …` with a bounded look ahead; `operators` is 0 when there is none. */
export function readContinuation(tokens: SqlTokens, from: number): Continuation {
  let at = from;
  let operators = 0;
  let compares = 0;
  let valued = false;
  while (at < from + maxTokens) {
    const operator = skipCloses(tokens, at);
    const afterOperator = skipOperators(tokens, operator);
    if (afterOperator === operator) break;
    const operand = skipPrefixes(tokens, afterOperator);
    const end = endOfOperand(tokens, operand);
    if (end === operand) break;
    operators += 1;
    if (comparesIn(tokens, operator, operand)) compares += 1;
    valued = isValue(tokens, operand);
    if (end === -1) return { next: tokens.length, operators, compares, dangling: tokens.first(operand), valued };
    at = end;
  }
  return { next: skipCloses(tokens, at), operators, compares, dangling: 0, valued };
}

function isBinary(tokens: SqlTokens, at: number): boolean {
  const kind = tokens.kind(at);
  const meaning = tokens.meaning(at);
  if (kind === Kind.compare && isStream(tokens, at)) return false;
  if (kind === Kind.operator || kind === Kind.compare || kind === Kind.logic) return true;
  return meaning === Word.logic || meaning === Word.compare || meaning === Word.not;
}

function skipOperators(tokens: SqlTokens, from: number): number {
  let at = from;
  while (at < from + maxOperators && (isBinary(tokens, at) || isCast(tokens, at))) at += isCast(tokens, at) ? 3 : 1;
  return at;
}

/** `<<` and `>>`, which C++ and shells have far more often than injections. */
export function isStream(tokens: SqlTokens, at: number): boolean {
  const { text } = tokens;
  const start = tokens.start(at);
  return tokens.endOf(at) === start + 2 && text.charCodeAt(start) === text.charCodeAt(start + 1) && text.charCodeAt(start) !== 0x3d;
}

/** `::json` of PostgreSQL. */
function isCast(tokens: SqlTokens, at: number): boolean {
  return tokens.first(at) === 0x3a && tokens.first(at + 1) === 0x3a && tokens.kind(at + 2) === Kind.word;
}

function comparesIn(tokens: SqlTokens, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (tokens.kind(at) === Kind.compare || tokens.meaning(at) === Word.compare) return true;
  return false;
}

function skipPrefixes(tokens: SqlTokens, from: number): number {
  let at = from;
  while (at < from + maxOperators && (tokens.kind(at) === Kind.open || tokens.kind(at) === Kind.operator)) at += 1;
  return at;
}

function skipCloses(tokens: SqlTokens, from: number): number {
  let at = from;
  while (at < from + maxOperators && tokens.kind(at) === Kind.close) at += 1;
  return at;
}

function isValue(tokens: SqlTokens, at: number): boolean {
  const kind = tokens.kind(at);
  const meaning = tokens.meaning(at);
  return kind !== Kind.word || tokens.kind(at + 1) === Kind.open || meaning === Word.literal || meaning === Word.select;
}

/** After the operand; the position itself when there is none, -1 when it is a string without an end. */
function endOfOperand(tokens: SqlTokens, at: number): number {
  const kind = tokens.kind(at);
  if (kind === Kind.number || kind === Kind.variable) return at + 1;
  if (kind === Kind.quote) return endOfString(tokens, at);
  if (tokens.first(at) === 0x5c && /^n$/i.test(tokens.value(at + 1))) return at + 2;
  if (kind !== Kind.word) return at;
  const meaning = tokens.meaning(at);
  if (meaning === Word.select) return closeOf(tokens, at);
  if (meaning === Word.case || meaning === Word.union || meaning === Word.from) return at;
  let next = at + 1;
  while (next < at + 8 && tokens.kind(next) === Kind.dot && tokens.kind(next + 1) === Kind.word) next += 2;
  return tokens.kind(next) === Kind.open ? closeOf(tokens, next + 1) : next;
}

function endOfString(tokens: SqlTokens, open: number): number {
  const quote = tokens.text.charCodeAt(tokens.start(open));
  for (let at = open + 1; at <= open + 24; at += 1) {
    if (tokens.kind(at) === Kind.end) return -1;
    if (tokens.kind(at) === Kind.quote && tokens.text.charCodeAt(tokens.start(at)) === quote) return at + 1;
  }
  return open;
}
