import { type Hit, Hits } from "../finding.ts";
import { findAddedCondition, findQuotedOperator } from "./condition-rules.ts";
import { SqlContext } from "./context.ts";
import { findConstantBranch, findProbe, findSpelledText, findSubquery, findSystemName } from "./expression-rules.ts";
import { findCommentedRest, findStackedStatement, findTrailingClause, findUnion } from "./statement-rules.ts";
import { Kind, tokenizeSql } from "./tokens.ts";
import { Word } from "./words.ts";

/**
 * Finds SQL that continues a query around a value (CWE-89).
 *
 * The text is cut into tokens once, or twice where line comments could hide words from each other; each rule looks at one token
 * and a bounded number of neighbours.
 */
export function recogniseSql(text: string): Hit[] {
  const hits = new Hits();
  scan(text, false, hits);
  if (hasEndedLineComment(text)) scan(text, true, hits);
  return hits.list();
}

function hasEndedLineComment(text: string): boolean {
  const lastLineEnd = text.lastIndexOf("\n");
  if (lastLineEnd === -1) return false;
  const firstComment = [text.indexOf("#"), text.indexOf("--")].filter((at) => at !== -1);
  return firstComment.some((at) => at < lastLineEnd);
}

function scan(text: string, dropLineComments: boolean, hits: Hits): void {
  const context = new SqlContext(tokenizeSql(text, dropLineComments));
  const { kinds } = context.tokens;
  for (let at = 0; at < kinds.length; at += 1) {
    const kind = kinds[at];
    if (kind === Kind.word) visitWord(context, at, hits);
    else if (kind === Kind.logic) findAddedCondition(context, at, hits);
    else if (kind === Kind.quote) findQuotedOperator(context, at, hits);
    else if (kind === Kind.comment) findCommentedRest(context, at, hits);
    else if (kind === Kind.variable) findSystemName(context, at, hits);
  }
}

function visitWord(context: SqlContext, at: number, hits: Hits): void {
  const meaning = context.tokens.meaning(at);
  if (meaning === Word.plain) return;
  if (meaning === Word.logic || meaning === Word.having) findAddedCondition(context, at, hits);
  else if (meaning === Word.union) findUnion(context, at, hits);
  else if (meaning === Word.case) findConstantBranch(context, at, hits);
  else if (meaning === Word.verb || meaning === Word.waitfor) findStackedStatement(context, at, hits);
  else if (meaning === Word.select) visitSelect(context, at, hits);
  else if (meaning === Word.probe || meaning === Word.char) visitFunction(context, at, hits);
  else if (meaning === Word.catalogue) findSystemName(context, at, hits);
  else if (meaning === Word.procedure) findProcedure(context, at, hits);
  findTrailingClause(context, at, hits);
}

function visitSelect(context: SqlContext, at: number, hits: Hits): void {
  findSubquery(context, at, hits);
  findStackedStatement(context, at, hits);
}

function visitFunction(context: SqlContext, at: number, hits: Hits): void {
  findProbe(context, at, hits);
  findSpelledText(context, at, hits);
}

function findProcedure(context: SqlContext, at: number, hits: Hits): void {
  const injected = context.breaks(context.beforeCloses(at)) || /^exec/i.test(context.tokens.value(at - 1));
  hits.add("system-procedure", injected ? 7 : 4, context.tokens.start(at), context.tokens.endOf(at));
}
