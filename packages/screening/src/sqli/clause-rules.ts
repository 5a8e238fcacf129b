import type { MatchSet } from "../match-set.ts";
import type { SqlContext } from "./context.ts";
import { Kind } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** `' order by 10--`, `1 group by x having 1=1`, `) limit 1 into outfile`. `at` is the first word of the clause. */
export function findTrailingClause(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (!isClause(context, at)) return;
  const position = context.afterValue(at);
  if (tokens.meaning(at) === Word.where) return judgeWhere(context, at, matches);
  const constant = tokens.meaning(at) === Word.having && tokens.meaning(at + 3) === Word.logic && !context.insideStatement(at);
  if (constant) matches.add("trailing-clause", 8, tokens.start(at), tokens.endOf(at + 4));
  const orders = tokens.meaning(at) === Word.order && tokens.kind(at + 2) === Kind.number && !context.insideStatement(at);
  if (orders && tokens.kind(at - 1) !== Kind.word && endsBehindNumbers(context, at + 2)) {
    return matches.add("trailing-clause", 7, tokens.start(at), tokens.endOf(at + 2));
  }
  if (
    tokens.meaning(at) === Word.procedureWord ||
    (tokens.meaning(at) === Word.into && tokens.kind(at + 2) === Kind.quote && position !== undefined)
  ) {
    return matches.add("trailing-clause", 8, tokens.start(at), tokens.endOf(at + 2));
  }
  if (position === undefined) return;
  if (orders && position === "start") return;
  if (position === "number" && ordersByBranch(context, at)) {
    return matches.add("trailing-clause", 7, tokens.start(at), tokens.endOf(at + 2));
  }
  const score = position === "quote" ? 8 : context.hasCommentWithin(at, 120) || position === "start" ? 7 : 4;
  matches.add("trailing-clause", score, tokens.start(at), tokens.endOf(at + 2));
}

/** `order by if(a<2,b,c)`: the order of the rows says whether the condition holds. */
function ordersByBranch(context: SqlContext, at: number): boolean {
  return (
    context.tokens.meaning(at) === Word.order && !context.insideStatement(at) && branches.has(context.tokens.value(at + 2).toLowerCase())
  );
}

const branches = new Set("if iif ifnull nullif case elt field".split(" "));

/** `order by 3,4 --`, `order by 3`, and then the text ends. */
function endsBehindNumbers({ tokens }: SqlContext, at: number): boolean {
  let next = at;
  while (next < at + 8 && (tokens.kind(next) === Kind.number || tokens.kind(next) === Kind.comma || tokens.kind(next) === Kind.close))
    next += 1;
  return tokens.kind(next) === Kind.end || (tokens.kind(next) === Kind.comment && next >= tokens.length - 3);
}

/** `where 1=1` is what generated statements have; with a comment after or a parenthesis closed before, it is injected. */
function judgeWhere(context: SqlContext, at: number, matches: MatchSet): void {
  const closed = context.tokens.kind(at - 1) === Kind.close || context.tokens.kind(at - 3) === Kind.close;
  const injected = !context.insideStatement(at) && (closed || context.afterValue(at) !== undefined || context.endsInComment);
  matches.add("constant-condition", injected ? 7 : 4, context.tokens.start(at), context.tokens.endOf(at + 3));
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
export function findCommentedRest(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  let before = at - 1;
  while (before > at - 10 && (tokens.kind(before) === Kind.close || tokens.kind(before) === Kind.semicolon)) before -= 1;
  if (tokens.kind(at - 1) === Kind.close && (tokens.kind(at + 1) === Kind.end || (context.isLast(at) && opensLikeValue(context, at))))
    matches.add("commented-rest", 7, 0, tokens.endOf(at));
  if (!context.breaks(before) || tokens.first(before) === 0x60) return;
  if (isSpace(tokens.text, tokens.start(before) - 1) && tokens.first(at) === 0x2d)
    matches.add("commented-rest", 7, tokens.start(before), tokens.endOf(at));
  const rest = tokens.text.length - tokens.endOf(at) <= 8 && /^[\s+-]*\w{0,3}[\s+-]*$/.test(tokens.text.slice(tokens.endOf(at)));
  const next = behindComment(context, at);
  const last = tokens.kind(next) === Kind.end || context.endsStatement(next) || rest;
  const adjacent = tokens.endOf(before) === tokens.start(at) || before < at - 1;
  if (last || adjacent) matches.add("commented-rest", last && tokens.start(at) > 0 ? 8 : 5, tokens.start(before), tokens.endOf(at));
}

/** After a comment and those that stick to it: `###` is one sign, and more often a heading. */
function behindComment({ tokens }: SqlContext, comment: number): number {
  let at = comment + 1;
  while (tokens.kind(at) === Kind.comment && tokens.start(at) === tokens.endOf(at - 1)) at += 1;
  return at;
}

/** Space, or the start of the text. */
function isSpace(text: string, at: number): boolean {
  return at < 0 || text.charCodeAt(at) <= 0x20;
}

/** The text, or what comes after a sentence, begins in the middle of an expression. */
function opensLikeValue(context: SqlContext, comment: number): boolean {
  const { tokens } = context;
  let first = comment - 1;
  while (first > 0 && first > comment - 40 && !context.startsPart(first)) first -= 1;
  const kind = tokens.kind(first);
  return kind === Kind.open || kind === Kind.number || kind === Kind.operator || tokens.meaning(first) === Word.logic;
}
