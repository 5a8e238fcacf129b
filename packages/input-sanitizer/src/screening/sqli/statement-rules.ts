import type { Hits } from "../finding.ts";
import { hasFrom, type SqlContext } from "./context.ts";
import { Kind, type SqlTokens } from "./token-columns.ts";
import { Word } from "./words.ts";

/** `union all select 1,2`, also with parentheses between. `at` is the `union`. */
export function findUnion(context: SqlContext, at: number, hits: Hits): void {
  const { tokens } = context;
  let select = at + 1;
  while (select < at + 32 && isBetweenUnionAndSelect(tokens, select)) select += 1;
  if (tokens.meaning(select) !== Word.select) return;
  hits.add("union-select", scoreUnion(context, at, select), tokens.start(at), tokens.endOf(select));
}

function isBetweenUnionAndSelect(tokens: SqlTokens, at: number): boolean {
  return tokens.meaning(at) === Word.all || tokens.kind(at) === Kind.open || tokens.kind(at) === Kind.quote;
}

function scoreUnion(context: SqlContext, at: number, select: number): number {
  const literals = context.tokens.kind(select + 1) === Kind.number || context.tokens.meaning(select + 1) === Word.literal;
  const probes = context.tokens.kind(select + 1) === Kind.variable || context.endsInComment;
  if (context.insideStatement(at) && context.afterValue(at) !== "quote") return literals || probes ? 8 : 5;
  if (context.afterValue(at) !== undefined) return 9;
  return startsColumns(context.tokens, select + 1) ? 9 : 4;
}

/** What follows `select` is a list of columns and not a sentence. */
export function startsColumns(tokens: SqlTokens, at: number): boolean {
  const kind = tokens.kind(at);
  if (kind === Kind.word) {
    const next = tokens.kind(at + 1);
    const literal = tokens.meaning(at) === Word.literal || tokens.meaning(at) === Word.case;
    const goesOn = tokens.meaning(at + 1) === Word.from || tokens.meaning(at + 1) === Word.where;
    return literal || goesOn || next === Kind.open || (next === Kind.comma && tokens.meaning(at + 2) !== Word.logic && hasFrom(tokens, at));
  }
  if (kind === Kind.quote) return tokens.kind(at + 2) === Kind.quote;
  return kind === Kind.number || kind === Kind.variable || kind === Kind.open || kind === Kind.dot || tokens.value(at) === "*";
}

/** `; drop table x`, `' exec xp_cmdshell`, `1 waitfor delay`: another statement behind a value. `at` is the verb. */
export function findStackedStatement(context: SqlContext, at: number, hits: Hits): void {
  const { tokens } = context;
  if (!isStatement(tokens, at)) return;
  const before = context.beforeCloses(at);
  const stacked = tokens.kind(before) === Kind.semicolon;
  if (stacked && tokens.kind(at + 1) === Kind.variable && tokens.endOf(before) === tokens.start(at))
    hits.add("stacked-statement", 8, tokens.start(at), tokens.endOf(at + 1));
  const breaks = context.breaks(before) || context.breaks(stacked ? before - 1 : before);
  const afterValue = context.afterValue(at) !== undefined && context.afterValue(at) !== "start";
  const score = breaks || tokens.meaning(at) === Word.waitfor ? 8 : stacked ? scoreStacked(context, at, before) : afterValue ? 7 : 4;
  hits.add("stacked-statement", score, tokens.start(at), tokens.endOf(at + 1));
}

/** Several statements in a row are a script; one behind a value is an attack. */
function scoreStacked(context: SqlContext, at: number, semicolon: number): number {
  if (context.firstStatement < semicolon) return 4;
  const kind = context.tokens.kind(context.beforeCloses(semicolon));
  const value = kind === Kind.number || kind === Kind.quote || kind === Kind.end;
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
  if (verb === "declare" || verb === "set") return tokens.kind(at + 1) === Kind.variable;
  if (verb === "call") return tokens.kind(at + 1) === Kind.word && tokens.kind(at + 2) === Kind.open;
  if (verb === "shutdown")
    return tokens.kind(at + 1) === Kind.comment || tokens.kind(at + 1) === Kind.end || /^with$/i.test(tokens.value(at + 1));
  if (verb === "insert") return next === Word.into;
  if (verb === "delete") return next === Word.from || tokens.meaning(at + 2) === Word.from;
  if (verb === "update") return /^set$/i.test(tokens.value(at + 2));
  if (verb === "if")
    return tokens.kind(at + 1) === Kind.open && tokens.text.length < 400 && /waitfor|select|system_user/i.test(tokens.text);
  if (verb === "begin") return tokens.meaning(at + 1) === Word.verb || /^goto$/i.test(tokens.value(at + 1));
  return next === Word.object;
}

/** `master..xp_cmdshell`, `sp_help`, `(@x)`. */
function isProcedureCall(tokens: SqlTokens, at: number): boolean {
  if (tokens.kind(at) === Kind.open) return tokens.kind(at + 1) === Kind.variable || tokens.kind(at + 1) === Kind.quote;
  return tokens.kind(at + 1) === Kind.dot || /^(?:xp|sp)_/i.test(tokens.value(at)) || tokens.kind(at) === Kind.variable;
}

/** `' order by 10--`, `1 group by x having 1=1`, `) limit 1 into outfile`. `at` is the first word of the clause. */
export function findTrailingClause(context: SqlContext, at: number, hits: Hits): void {
  const { tokens } = context;
  const position = context.afterValue(at);
  if (!isClause(context, at)) return;
  if (tokens.meaning(at) === Word.where) return judgeWhere(context, at, hits);
  const constant = tokens.meaning(at) === Word.having && tokens.meaning(at + 3) === Word.logic && !context.insideStatement(at);
  if (constant) hits.add("trailing-clause", 8, tokens.start(at), tokens.endOf(at + 4));
  if (position === undefined) return;
  const score = position === "quote" ? 8 : context.hasCommentWithin(at, 120) || position === "start" ? 7 : 4;
  hits.add("trailing-clause", score, tokens.start(at), tokens.endOf(at + 2));
}

/** `where 1=1` is what generated statements have; with a comment behind or a parenthesis closed before, it is injected. */
function judgeWhere(context: SqlContext, at: number, hits: Hits): void {
  const closed = context.tokens.kind(at - 1) === Kind.close || context.tokens.kind(at - 3) === Kind.close;
  const injected = !context.insideStatement(at) && (closed || context.afterValue(at) !== undefined || context.endsInComment);
  hits.add("constant-condition", injected ? 7 : 4, context.tokens.start(at), context.tokens.endOf(at + 3));
}

function isClause(context: SqlContext, at: number): boolean {
  const { tokens } = context;
  const meaning = tokens.meaning(at);
  if (meaning === Word.order)
    return (
      tokens.meaning(at + 1) === Word.by &&
      (tokens.kind(at + 2) === Kind.number || tokens.kind(at + 3) === Kind.open || context.afterValue(at) === "quote")
    );
  if (meaning === Word.having && tokens.kind(at + 1) === Kind.open && tokens.meaning(at + 3) === Word.logic) return true;
  if (meaning === Word.having) return tokens.kind(at + 1) === Kind.number || tokens.kind(at + 1) === Kind.open;
  if (meaning === Word.where)
    return tokens.kind(at + 1) === Kind.number && tokens.kind(at + 2) === Kind.compare && tokens.kind(at + 3) === Kind.number;
  if (meaning === Word.into) return tokens.meaning(at + 1) === Word.object;
  if (meaning === Word.procedureWord) return tokens.meaning(at + 1) === Word.probe;
  return meaning === Word.limit && tokens.kind(at + 1) === Kind.number;
}

/** `admin'--`, `')#`, `' ;--`, `1)/*`: the rest of the query is commented away. `at` is the comment. */
export function findCommentedRest(context: SqlContext, at: number, hits: Hits): void {
  const { tokens } = context;
  let before = at - 1;
  while (before > at - 10 && (tokens.kind(before) === Kind.close || tokens.kind(before) === Kind.semicolon)) before -= 1;
  if (tokens.kind(at - 1) === Kind.close && (tokens.kind(at + 1) === Kind.end || (context.isLast(at) && opensLikeValue(context, at))))
    hits.add("commented-rest", 7, 0, tokens.endOf(at));
  if (!context.breaks(before) || tokens.value(before) === "`") return;
  if (isSpace(tokens.text, tokens.start(before) - 1) && tokens.value(at) !== "#")
    hits.add("commented-rest", 7, tokens.start(before), tokens.endOf(at));
  const last = tokens.kind(at + 1) === Kind.end || context.endsStatement(at + 1);
  const adjacent = tokens.endOf(before) === tokens.start(at) || before < at - 1;
  if (last || adjacent) hits.add("commented-rest", last && tokens.start(at) > 0 ? 8 : 5, tokens.start(before), tokens.endOf(at));
}

/** Space, or the start of the text. */
function isSpace(text: string, at: number): boolean {
  return at < 0 || text.charCodeAt(at) <= 0x20;
}

/** The text, or what comes behind a sentence, begins in the middle of an expression. */
function opensLikeValue(context: SqlContext, comment: number): boolean {
  const { tokens } = context;
  let first = comment - 1;
  while (first > 0 && first > comment - 40 && !context.startsPart(first)) first -= 1;
  const kind = tokens.kind(first);
  return kind === Kind.open || kind === Kind.number || kind === Kind.operator || tokens.meaning(first) === Word.logic;
}
