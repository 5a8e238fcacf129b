import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { Score } from "../score.ts";
import { findCommentedRest, findTrailingClause } from "./clause-rules.ts";
import { findAddedCondition, findQuotedOperator } from "./condition-rules.ts";
import { SqlContext } from "./context.ts";
import { findContinuation, findOpenCondition, findStackedRest } from "./continuation-rules.ts";
import { findConstantBranch, findInformation, findSpelledText, findSubquery, findSystemName } from "./expression-rules.ts";
import { findProbe } from "./probe-rules.ts";
import { Kind } from "./sql-tokens.ts";
import { findStackedStatement, findUnion } from "./statement-rules.ts";
import { tokenizeSql } from "./tokenize-sql.ts";
import { findWholePart } from "./whole-part-rules.ts";
import { Word } from "./words.ts";

/**
 * Finds SQL that continues a query around a value (CWE-89).
 *
 * The text is cut into tokens once, or twice where line comments could hide words from each other; each rule looks at one token
 * and a bounded number of neighbours.
 */
export function detectSql(scan: TextScan, matches: MatchSet): void {
  if (detectIn(scan, false, matches)) detectIn(scan, true, matches);
}

/** @returns whether a line comment may hide that SQL goes on after it */
function detectIn(scan: TextScan, dropLineComments: boolean, matches: MatchSet): boolean {
  const tokens = tokenizeSql(scan, dropLineComments);
  if (tokens.isFull) matches.add("too-many-signs", Score.certain, 0, scan.text.length);
  const context = new SqlContext(tokens);
  for (let index = 0; index < tokens.visits; index += 1) {
    const at = tokens.visit(index);
    const kind = tokens.kind(at);
    if (!matches.spend(tokens.start(at), costOf(kind, tokens.meaning(at)))) break;
    if (kind === Kind.word) visitWord(context, at, matches);
    else if (kind === Kind.logic) visitLogic(context, at, matches);
    else if (kind === Kind.quote) visitQuote(context, at, matches);
    else if (kind === Kind.comment) findCommentedRest(context, at, matches);
    else if (kind === Kind.variable) findSystemName(context, at, matches);
  }
  findWholePart(context, matches);
  return tokens.hidesJoint;
}

/** A break-out and a condition take several looks ahead, most words one look at the next token. */
function costOf(kind: number, meaning: number): number {
  if (kind === Kind.quote) return 3;
  if (kind === Kind.logic || meaning === Word.logic || meaning === Word.select) return 2;
  return 0.3;
}

function visitWord(context: SqlContext, at: number, matches: MatchSet): void {
  const meaning = context.tokens.meaning(at);
  if (meaning === Word.logic || meaning === Word.having) visitLogic(context, at, matches);
  else if (meaning === Word.union) findUnion(context, at, matches);
  else if (meaning === Word.case) findConstantBranch(context, at, matches);
  else if (meaning === Word.verb || meaning === Word.waitfor) findStackedStatement(context, at, matches);
  else if (meaning === Word.select) visitSelect(context, at, matches);
  else if (meaning === Word.probe || meaning === Word.char) visitFunction(context, at, matches);
  else if (meaning === Word.catalogue) findSystemName(context, at, matches);
  else if (meaning === Word.procedure) findProcedure(context, at, matches);
  if (((clauses >> meaning) & 1) === 1) findTrailingClause(context, at, matches);
}

/** What a clause begins with, a bit for each meaning. */
const clauses =
  (1 << Word.order) | (1 << Word.having) | (1 << Word.where) | (1 << Word.into) | (1 << Word.procedureWord) | (1 << Word.limit);

function visitLogic(context: SqlContext, at: number, matches: MatchSet): void {
  findAddedCondition(context, at, matches);
  findOpenCondition(context, at, matches);
}

/** What may lead on after a quote that breaks out, a bit for each kind of token. */
const leadsOn =
  (1 << Kind.word) |
  (1 << Kind.compare) |
  (1 << Kind.operator) |
  (1 << Kind.close) |
  (1 << Kind.semicolon) |
  (1 << Kind.logic) |
  (1 << Kind.other);

function visitQuote(context: SqlContext, at: number, matches: MatchSet): void {
  const next = context.tokens.kind(at + 1);
  if (((leadsOn >> next) & 1) === 0 || (next === Kind.word && context.tokens.meaning(at + 1) === Word.plain)) return;
  findQuotedOperator(context, at, matches);
  findContinuation(context, at, matches);
  findStackedRest(context, at, matches);
}

function visitSelect(context: SqlContext, at: number, matches: MatchSet): void {
  findSubquery(context, at, matches);
  findStackedStatement(context, at, matches);
}

function visitFunction(context: SqlContext, at: number, matches: MatchSet): void {
  const next = context.tokens.kind(at + 1);
  if (next !== Kind.open && next !== Kind.dot) return;
  findProbe(context, at, matches);
  findInformation(context, at, matches);
  findSpelledText(context, at, matches);
}

function findProcedure(context: SqlContext, at: number, matches: MatchSet): void {
  const injected = context.breaks(context.beforeCloses(at)) || /^exec/i.test(context.tokens.value(at - 1));
  matches.add("system-procedure", injected ? 7 : 4, context.tokens.start(at), context.tokens.endOf(at));
}
