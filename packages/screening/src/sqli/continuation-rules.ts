import type { MatchSet } from "../match-set.ts";
import type { SqlContext } from "./context.ts";
import { readContinuation } from "./expression.ts";
import { readOperand } from "./operand.ts";
import { Kind } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** Longest string that the query around may have to close. */
const maxRest = 48;

/** `x'|1='2`, `x' / 3 or '1`, `x'^(select …)--`: the string is left, and the expression goes on to a string or comment. */
export function findContinuation(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (!context.breaks(at) || tokens.first(at) === 0x60) return;
  if (endsAbruptly(context, at)) matches.add("open-condition", 7, tokens.start(at), tokens.text.length);
  const found = readContinuation(tokens, at + 1);
  if (found.operators === 0) return;
  const score = found.dangling > 0 ? scoreDangling(context, at, found.dangling) : scoreEnded(context, found.next, found);
  if (score > 0) matches.add("continued-expression", score, tokens.start(at), tokens.endOf(found.next - 1));
}

/** `x' or`, `x') and`, `x';`: the string is left, and then the text ends. */
function endsAbruptly({ tokens }: SqlContext, at: number): boolean {
  let next = at + 1;
  while (next < at + 6 && tokens.kind(next) === Kind.close) next += 1;
  const logic = tokens.meaning(next) === Word.logic || tokens.kind(next) === Kind.logic || tokens.kind(next) === Kind.semicolon;
  const ended = tokens.kind(next + 1) === Kind.end || (tokens.kind(next + 1) === Kind.comment && next + 3 >= tokens.length);
  return logic && ended && at > 0 && !isElision(tokens.text, tokens.start(at));
}

/** `d'or`: in French and Italian a word may lose its last letter before the next one. */
function isElision(text: string, quote: number): boolean {
  return (
    /(?:^|[^a-z])(?:[cdjlmnst]|qu|un|all|dell|nell)$/i.test(text.slice(Math.max(0, quote - 6), quote)) && /\w/.test(text.charAt(quote + 1))
  );
}

/** The quote that the injection leaves open opens near the end, so that the query's own quote closes it, which is the same sign. */
function scoreDangling({ tokens }: SqlContext, at: number, open: number): number {
  const quote = tokens.text.charAt(tokens.start(at));
  if (open !== tokens.first(at)) return 5;
  return tokens.text.length - tokens.text.lastIndexOf(quote) <= maxRest ? 8 : 5;
}

function scoreEnded(context: SqlContext, next: number, { compares, valued }: { compares: number; valued: boolean }): number {
  const kind = context.tokens.kind(next);
  if (kind === Kind.comment) return context.isLast(next) || valued ? 8 : 5;
  const last = kind === Kind.end || (kind === Kind.semicolon && context.isLast(next));
  if (last && compares > 0) return 7;
  return last && valued ? 5 : 0;
}

/** `'; anything --`: whatever comes after the quote and semicolon, the rest is commented away. */
export function findStackedRest(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (!context.breaks(at) || tokens.kind(at + 1) !== Kind.semicolon || !context.endsInComment) return;
  matches.add("stacked-statement", 7, tokens.start(at), tokens.endOf(at + 1));
}

/** `and uid = '`, `|| (n !=`: a condition that the query around is to complete. `at` is the `and`, `or`, `&&` or `||`. */
export function findOpenCondition(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (at + 12 < tokens.length) return;
  const left = readOperand(tokens, at + 1);
  if (left === undefined) return;
  const compare = left.next;
  if (tokens.kind(compare) !== Kind.compare && tokens.meaning(compare) !== Word.compare) return;
  let last = compare + 1;
  while (last < compare + 4 && (tokens.kind(last) === Kind.compare || tokens.kind(last) === Kind.open)) last += 1;
  if (tokens.kind(last) === Kind.quote) last += 1;
  const opens = last > compare + 1 || tokens.kind(at - 1) === Kind.compare || context.startsPart(at);
  if (tokens.kind(last) === Kind.end && opens) matches.add("open-condition", 7, tokens.start(at), tokens.endOf(last - 1));
}
