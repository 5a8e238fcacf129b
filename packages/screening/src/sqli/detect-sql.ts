import { certain, type Hits } from "../finding.ts";
import { findCommentedRest, findTrailingClause } from "./clause-rules.ts";
import { findAddedCondition, findQuotedOperator } from "./condition-rules.ts";
import { SqlContext } from "./context.ts";
import { findContinuation, findOpenCondition, findStackedRest } from "./continuation-rules.ts";
import { findConstantBranch, findInformation, findProbe, findSpelledText, findSubquery, findSystemName } from "./expression-rules.ts";
import { findStackedStatement, findUnion } from "./statement-rules.ts";
import { Kind } from "./token-columns.ts";
import { tokenizeSql } from "./tokens.ts";
import { findWholePart } from "./whole-part-rules.ts";
import { Word } from "./words.ts";

/**
 * Finds SQL that continues a query around a value (CWE-89).
 *
 * The text is cut into tokens once, or twice where line comments could hide words from each other; each rule looks at one token
 * and a bounded number of neighbours.
 */
export function recogniseSql(text: string, hits: Hits): void {
  if (scan(text, false, hits)) scan(text, true, hits);
}

/** @returns whether a line comment may hide that SQL goes on behind it */
function scan(text: string, dropLineComments: boolean, hits: Hits): boolean {
  const cut = tokenizeSql(text, dropLineComments);
  if (cut.isFull) hits.add("too-many-signs", certain, 0, text.length);
  const context = new SqlContext(cut);
  const { tokens } = context;
  for (let index = 0; index < tokens.visits; index += 1) {
    const at = tokens.visit(index);
    const kind = tokens.kind(at);
    if (kind === Kind.quote && !context.breaks(at)) continue;
    if (!hits.spend(tokens.start(at), effortOf(kind, tokens.meaning(at)))) break;
    if (kind === Kind.word) visitWord(context, at, hits);
    else if (kind === Kind.logic) visitLogic(context, at, hits);
    else if (kind === Kind.quote) visitQuote(context, at, hits);
    else if (kind === Kind.comment) findCommentedRest(context, at, hits);
    else if (kind === Kind.variable) findSystemName(context, at, hits);
  }
  findWholePart(context, hits);
  return tokens.hidesJoint;
}

/** A break-out and a condition take several looks ahead, most words one look at the next token. */
function effortOf(kind: number, meaning: number): number {
  if (kind === Kind.quote) return 3;
  if (kind === Kind.logic || meaning === Word.logic || meaning === Word.select) return 2;
  return 0.3;
}

function visitWord(context: SqlContext, at: number, hits: Hits): void {
  const meaning = context.tokens.meaning(at);
  if (meaning === Word.logic || meaning === Word.having) visitLogic(context, at, hits);
  else if (meaning === Word.union) findUnion(context, at, hits);
  else if (meaning === Word.case) findConstantBranch(context, at, hits);
  else if (meaning === Word.verb || meaning === Word.waitfor) findStackedStatement(context, at, hits);
  else if (meaning === Word.select) visitSelect(context, at, hits);
  else if (meaning === Word.probe || meaning === Word.char) visitFunction(context, at, hits);
  else if (meaning === Word.catalogue) findSystemName(context, at, hits);
  else if (meaning === Word.procedure) findProcedure(context, at, hits);
  findTrailingClause(context, at, hits);
}

function visitLogic(context: SqlContext, at: number, hits: Hits): void {
  findAddedCondition(context, at, hits);
  findOpenCondition(context, at, hits);
}

function visitQuote(context: SqlContext, at: number, hits: Hits): void {
  findQuotedOperator(context, at, hits);
  findContinuation(context, at, hits);
  findStackedRest(context, at, hits);
}

function visitSelect(context: SqlContext, at: number, hits: Hits): void {
  findSubquery(context, at, hits);
  findStackedStatement(context, at, hits);
}

function visitFunction(context: SqlContext, at: number, hits: Hits): void {
  const next = context.tokens.kind(at + 1);
  if (next !== Kind.open && next !== Kind.dot) return;
  findProbe(context, at, hits);
  findInformation(context, at, hits);
  findSpelledText(context, at, hits);
}

function findProcedure(context: SqlContext, at: number, hits: Hits): void {
  const injected = context.breaks(context.beforeCloses(at)) || /^exec/i.test(context.tokens.value(at - 1));
  hits.add("system-procedure", injected ? 7 : 4, context.tokens.start(at), context.tokens.endOf(at));
}
