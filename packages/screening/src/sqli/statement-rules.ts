import type { MatchSet } from "../match-set.ts";
import { hasFrom, type SqlContext } from "./context.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { numberOfWord, Word } from "./words.ts";

/** `union all select 1,2`, also with parentheses between. `at` is the `union`. */
export function findUnion(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  let select = at + 1;
  while (select < at + 32 && isBetweenUnionAndSelect(tokens, select)) select += 1;
  if (tokens.meaning(select) !== Word.select) return findUnionValues(context, at, matches);
  matches.add("union-select", scoreUnion(context, at, select), tokens.start(at), tokens.endOf(select));
}

/** `1 union values (2,3)`, `1 union table staff`. */
function findUnionValues(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  const next = tokens.value(at + 1).toLowerCase();
  const rows = (next === "values" && tokens.kind(at + 2) === Kind.open) || (next === "table" && tokens.kind(at + 2) === Kind.word);
  if (rows && context.afterValue(at) !== undefined) matches.add("union-select", 8, tokens.start(at), tokens.endOf(at + 1));
}

function isBetweenUnionAndSelect(tokens: SqlTokens, at: number): boolean {
  return tokens.meaning(at) === Word.all || tokens.kind(at) === Kind.open || tokens.kind(at) === Kind.quote;
}

function scoreUnion(context: SqlContext, at: number, select: number): number {
  const literals = context.tokens.kind(select + 1) === Kind.number || context.tokens.meaning(select + 1) === Word.literal;
  const probes = context.tokens.kind(select + 1) === Kind.variable || context.endsInComment;
  if (context.insideStatement(at) && context.afterValue(at) !== "quote") return literals || probes ? 8 : 5;
  if (context.afterValue(at) !== undefined || isAfterVariable(context, at)) return 9;
  return startsColumns(context.tokens, select + 1) ? 9 : 4;
}

/** `@a union select`: nothing stands before it but the name of a variable. */
function isAfterVariable({ tokens }: SqlContext, at: number): boolean {
  return at > 0 && at <= 2 && tokens.first(0) === 0x40;
}

/** What follows `select` is a list of columns and not a sentence. */
export function startsColumns(tokens: SqlTokens, at: number): boolean {
  const kind = tokens.kind(at);
  if (kind === Kind.word) {
    const next = tokens.kind(at + 1);
    const literal = tokens.meaning(at) === Word.literal || tokens.meaning(at) === Word.case;
    if (next === Kind.dot) return hasFrom(tokens, at);
    const goesOn = tokens.meaning(at + 1) === Word.from || tokens.meaning(at + 1) === Word.where;
    return literal || goesOn || next === Kind.open || (next === Kind.comma && tokens.meaning(at + 2) !== Word.logic && hasFrom(tokens, at));
  }
  if (kind === Kind.quote) return tokens.kind(at + 2) === Kind.quote;
  return kind === Kind.number || kind === Kind.variable || kind === Kind.open || kind === Kind.dot || tokens.value(at) === "*";
}

/** `; drop table x`, `' exec xp_cmdshell`, `1 waitfor delay`: another statement after a value. `at` is the verb. */
export function findStackedStatement(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (!isStatement(tokens, at)) return;
  const before = context.beforeCloses(at);
  const stacked = tokens.kind(before) === Kind.semicolon;
  if (stacked && tokens.kind(at + 1) === Kind.variable && tokens.endOf(before) === tokens.start(at))
    matches.add("stacked-statement", 8, tokens.start(at), tokens.endOf(at + 1));
  const breaks = context.breaks(before) || context.breaks(stacked ? before - 1 : before);
  const afterValue = context.afterValue(at) !== undefined && context.afterValue(at) !== "start";
  const score = breaks || tokens.meaning(at) === Word.waitfor ? 8 : stacked ? scoreStacked(context, at, before) : afterValue ? 7 : 4;
  matches.add("stacked-statement", score, tokens.start(at), tokens.endOf(at + 1));
}

/** Several statements in a row are a script; one after a value is an attack. */
function scoreStacked(context: SqlContext, at: number, semicolon: number): number {
  if (context.firstStatement < semicolon || (isStatement(context.tokens, 0) && !context.endsInComment)) return 4;
  const kind = context.tokens.kind(context.beforeCloses(semicolon));
  const value = kind === Kind.number || kind === Kind.quote || kind === Kind.end || context.startsPart(semicolon);
  return value || context.hasCommentWithin(at, 24) || context.tokens.meaning(at + 1) === Word.object ? 8 : 5;
}

function isStatement(tokens: SqlTokens, at: number): boolean {
  const meaning = tokens.meaning(at);
  if (meaning === Word.waitfor) return isWord(tokens, at + 1, "delay") || isWord(tokens, at + 1, "time");
  if (meaning === Word.select) return startsColumns(tokens, at + 1);
  if (meaning !== Word.verb) return false;
  const isBegun = beginnings.get(tokens.wordNumber(at));
  return isBegun === undefined ? tokens.meaning(at + 1) === Word.object : isBegun(tokens, at + 1);
}

type Beginning = (tokens: SqlTokens, next: number) => boolean;

const executes: Beginning = (tokens, next) =>
  tokens.meaning(next) === Word.procedure ||
  isProcedureCall(tokens, next) ||
  isWord(tokens, next, "as") ||
  isWord(tokens, next, "immediate");
const changesObject: Beginning = (tokens, next) => tokens.meaning(behindModifiers(tokens, next)) === Word.object;
const isInto: Beginning = (tokens, next) => tokens.meaning(next) === Word.into;

/** Whether a verb begins a statement, given the token after it; verbs that are not here do so in front of an object. */
const verbs: readonly (readonly [verb: string, isBegun: Beginning])[] = [
  ["exec", executes],
  ["execute", executes],
  ["declare", (tokens, next) => tokens.kind(next) === Kind.variable],
  [
    "set",
    (tokens, next) =>
      tokens.kind(next) === Kind.variable ||
      isWord(tokens, next, "global") ||
      isWord(tokens, next, "session") ||
      isWord(tokens, next, "role"),
  ],
  ["call", (tokens, next) => tokens.kind(next) === Kind.word && tokens.kind(next + 1) === Kind.open],
  ["shutdown", (tokens, next) => endsHere(tokens, next) || isWord(tokens, next, "with")],
  ["insert", isInto],
  ["merge", isInto],
  ["delete", (tokens, next) => tokens.meaning(next) === Word.from || tokens.meaning(next + 1) === Word.from],
  ["update", (tokens, next) => isWord(tokens, next + 1, "set")],
  ["if", (tokens, next) => tokens.kind(next) === Kind.open && tokens.text.length < 400 && /waitfor|select|system_user/i.test(tokens.text)],
  ["commit", endsHere],
  ["handler", (tokens, next) => isWord(tokens, next + 1, "open") || isWord(tokens, next + 1, "read")],
  ["begin", (tokens, next) => tokens.kind(next + 1) === Kind.dot || tokens.meaning(next) === Word.verb || isWord(tokens, next, "goto")],
  ["load", (tokens, next) => isWord(tokens, next, "data") || isWord(tokens, next, "xml")],
  ["grant", (tokens, next) => hasWithin(tokens, next, "on") && hasWithin(tokens, next, "to")],
  ["revoke", (tokens, next) => hasWithin(tokens, next, "on") && hasWithin(tokens, next, "from")],
  ["copy", (tokens, next) => hasWithin(tokens, next, "program", Kind.quote)],
  ["create", changesObject],
  ["drop", changesObject],
  ["alter", changesObject],
];
/** The same, by the number of the verb. */
const beginnings: ReadonlyMap<number, Beginning> = new Map(verbs.map(([verb, isBegun]) => [numberOfWord(verb), isBegun]));

function endsHere(tokens: SqlTokens, at: number): boolean {
  return tokens.kind(at) === Kind.comment || tokens.kind(at) === Kind.end;
}

/** Whether a token is a certain word, however it is written. */
function isWord(tokens: SqlTokens, at: number, word: string): boolean {
  return tokens.endOf(at) - tokens.start(at) === word.length && tokens.value(at).toLowerCase() === word;
}

/** `create or replace temporary table`. */
function behindModifiers(tokens: SqlTokens, from: number): number {
  let at = from;
  while (at < from + 4 && modifiers.has(tokens.value(at).toLowerCase())) at += 1;
  return at;
}

const modifiers = new Set("or replace temporary temp unique materialized global local unlogged external".split(" "));

/** Whether a word stands among the next tokens of a statement, perhaps with a certain token after it. */
function hasWithin(tokens: SqlTokens, from: number, word: string, next?: number): boolean {
  for (let at = from; at < from + 10 && tokens.kind(at) !== Kind.semicolon; at += 1) {
    if (tokens.value(at).toLowerCase() === word && (next === undefined || tokens.kind(at + 1) === next)) return true;
  }
  return false;
}

/** `master..xp_cmdshell`, `sp_help`, `(@x)`. */
function isProcedureCall(tokens: SqlTokens, at: number): boolean {
  if (tokens.kind(at) === Kind.open) return tokens.kind(at + 1) === Kind.variable || tokens.kind(at + 1) === Kind.quote;
  if (tokens.kind(at + 1) === Kind.dot || tokens.kind(at) === Kind.variable) return true;
  const letter = tokens.first(at) | 0x20;
  return (letter === 0x78 || letter === 0x73) && /^(?:xp|sp)_/i.test(tokens.value(at));
}
