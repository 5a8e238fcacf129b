import type { MatchSet } from "../match-set.ts";
import { hasFrom, type SqlContext } from "./context.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { Word } from "./words.ts";

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

/** `; drop table x`, `' exec xp_cmdshell`, `1 waitfor delay`: another statement behind a value. `at` is the verb. */
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

/** Several statements in a row are a script; one behind a value is an attack. */
function scoreStacked(context: SqlContext, at: number, semicolon: number): number {
  if (context.firstStatement < semicolon || (isStatement(context.tokens, 0) && !context.endsInComment)) return 4;
  const kind = context.tokens.kind(context.beforeCloses(semicolon));
  const value = kind === Kind.number || kind === Kind.quote || kind === Kind.end || context.startsPart(semicolon);
  return value || context.hasCommentWithin(at, 24) || context.tokens.meaning(at + 1) === Word.object ? 8 : 5;
}

function isStatement(tokens: SqlTokens, at: number): boolean {
  const meaning = tokens.meaning(at);
  if (meaning === Word.waitfor) return /^(delay|time)$/i.test(tokens.value(at + 1));
  if (meaning === Word.select) return startsColumns(tokens, at + 1);
  if (meaning !== Word.verb) return false;
  const verb = tokens.value(at).toLowerCase();
  const next = tokens.meaning(at + 1);
  if (verb === "exec" || verb === "execute")
    return next === Word.procedure || isProcedureCall(tokens, at + 1) || /^(?:as|immediate)$/i.test(tokens.value(at + 1));
  if (verb === "declare") return tokens.kind(at + 1) === Kind.variable;
  if (verb === "set") return tokens.kind(at + 1) === Kind.variable || /^(?:global|session|role)$/i.test(tokens.value(at + 1));
  if (verb === "call") return tokens.kind(at + 1) === Kind.word && tokens.kind(at + 2) === Kind.open;
  if (verb === "shutdown")
    return tokens.kind(at + 1) === Kind.comment || tokens.kind(at + 1) === Kind.end || /^with$/i.test(tokens.value(at + 1));
  if (verb === "insert") return next === Word.into;
  if (verb === "delete") return next === Word.from || tokens.meaning(at + 2) === Word.from;
  if (verb === "update") return /^set$/i.test(tokens.value(at + 2));
  if (verb === "if")
    return tokens.kind(at + 1) === Kind.open && tokens.text.length < 400 && /waitfor|select|system_user/i.test(tokens.text);
  if (verb === "commit") return tokens.kind(at + 1) === Kind.comment || tokens.kind(at + 1) === Kind.end;
  if (verb === "handler") return /^(?:open|read)$/i.test(tokens.value(at + 2));
  if (verb === "begin") return tokens.kind(at + 2) === Kind.dot || beginsBlock(tokens, at);
  if (verb === "merge") return next === Word.into;
  if (verb === "load") return /^(?:data|xml)$/i.test(tokens.value(at + 1));
  if (verb === "grant") return hasWithin(tokens, at + 1, "on") && hasWithin(tokens, at + 1, "to");
  if (verb === "revoke") return hasWithin(tokens, at + 1, "on") && hasWithin(tokens, at + 1, "from");
  if (verb === "copy") return hasWithin(tokens, at + 1, "program", Kind.quote);
  if (verb === "create" || verb === "drop" || verb === "alter") return tokens.meaning(behindModifiers(tokens, at + 1)) === Word.object;
  return next === Word.object;
}

/** `create or replace temporary table`. */
function behindModifiers(tokens: SqlTokens, from: number): number {
  let at = from;
  while (at < from + 4 && modifiers.has(tokens.value(at).toLowerCase())) at += 1;
  return at;
}

const modifiers = new Set("or replace temporary temp unique materialized global local unlogged external".split(" "));

/** Whether a word stands among the next tokens of a statement, perhaps with a certain token behind it. */
function hasWithin(tokens: SqlTokens, from: number, word: string, next?: number): boolean {
  for (let at = from; at < from + 10 && tokens.kind(at) !== Kind.semicolon; at += 1) {
    if (tokens.value(at).toLowerCase() === word && (next === undefined || tokens.kind(at + 1) === next)) return true;
  }
  return false;
}

function beginsBlock(tokens: SqlTokens, at: number): boolean {
  return tokens.meaning(at + 1) === Word.verb || /^goto$/i.test(tokens.value(at + 1));
}

/** `master..xp_cmdshell`, `sp_help`, `(@x)`. */
function isProcedureCall(tokens: SqlTokens, at: number): boolean {
  if (tokens.kind(at) === Kind.open) return tokens.kind(at + 1) === Kind.variable || tokens.kind(at + 1) === Kind.quote;
  return tokens.kind(at + 1) === Kind.dot || /^(?:xp|sp)_/i.test(tokens.value(at)) || tokens.kind(at) === Kind.variable;
}
