import type { MatchSet } from "../match-set.ts";
import { comparisonScores } from "./comparison-scores.ts";
import { Comparison } from "./comparison.ts";
import type { SqlContext } from "./context.ts";
import { type Operand, readOperand } from "./operand.ts";
import { isProbe } from "./probe-rules.ts";
import { scoreOf } from "./score-table.ts";
import { Kind } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** `or 1=1`, `' or 'a'='a`, `') and sleep(5)`: a condition added after a value. `at` is the `or`, `and`, `&&` or `||`. */
export function findAddedCondition(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (isTypedCondition(context, at)) matches.add("typed-condition", 8, tokens.start(at), tokens.endOf(at + 1));
  const left = readOperand(tokens, at + 1);
  if (left === undefined) return;
  const score = isComparison(context, left.next, at)
    ? scoreOf(comparisonScores, new Comparison(context, at, left))
    : scoreSingle(context, at, left);
  if (score > 0) matches.add("condition", score, tokens.start(at), tokens.endOf(left.next - 1));
}

/** `or '{"a":1}'::jsonb @> …`: a literal with a cast of PostgreSQL. */
function isTypedCondition({ tokens }: SqlContext, at: number): boolean {
  if (tokens.kind(at + 1) !== Kind.quote || tokens.value(at + 1) !== "'") return false;
  for (let next = at + 2; next < at + 24; next += 1) {
    if (tokens.value(next) !== "'") continue;
    const json =
      (tokens.value(next + 1) === "?" && /^['&|]$/.test(tokens.value(next + 2))) ||
      (tokens.first(next + 1) === 0x40 && tokens.first(next + 2) === 0x3e) ||
      (tokens.value(next + 1) === ":" && tokens.value(next + 2) === ":");
    return json;
  }
  return false;
}

/** `=`, `like`, `not in`; after a quote also any operator, such as `@>` and `~` of PostgreSQL. */
function isComparison(context: SqlContext, at: number, logic: number): boolean {
  const { tokens } = context;
  if (tokens.kind(at) === Kind.compare) return true;
  if (tokens.kind(at) === Kind.operator || tokens.kind(at) === Kind.variable)
    return context.afterValue(logic) === "quote" && tokens.first(at) !== 0x2d;
  const behindNot = tokens.meaning(at) === Word.not ? at + 1 : at;
  return tokens.meaning(behindNot) === Word.compare;
}

function scoreSingle(context: SqlContext, at: number, left: Operand): number {
  const position = context.afterValue(at);
  const ended = context.endsStatement(left.next);
  if (left.call && isProbe(context.tokens, at + 1)) return position === undefined && context.insideStatement(at) ? 4 : 8;
  if (position === undefined) return 0;
  if (position === "quote" && ended && (left.literal || left.call)) return isOtherQuote(context, at) ? 5 : 8;
  if (left.literal && !left.quoted && position !== "quote" && (context.endsInComment || endsSoon(context, left.next))) return 8;
  return position === "quote" && left.literal ? 5 : 0;
}

/** `' or "`, and then nothing: the query's own quote does not close the second one, and a sentence names both. */
function isOtherQuote(context: SqlContext, at: number): boolean {
  const { tokens } = context;
  if (tokens.kind(at + 1) !== Kind.quote || tokens.kind(at + 2) !== Kind.end) return false;
  return tokens.first(at + 1) !== tokens.first(context.beforeCloses(at));
}

/** A comment, and hardly anything after it. */
function endsSoon({ tokens }: SqlContext, at: number): boolean {
  return tokens.kind(at) === Kind.comment && tokens.text.length - tokens.endOf(at) <= 4;
}

/** `'='`, `' like '`, `'+'`, `'||'`, `'-0-'`: a quote, an operator and a quote make the condition around always true. */
export function findQuotedOperator(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  let next = at + 1;
  while (next < at + 5 && isOperator(context, next)) next += 1;
  if (next === at + 1) return;
  const right = readOperand(tokens, next);
  if (right === undefined) return;
  const quotedRight = tokens.kind(next) === Kind.quote;
  const atEdge = at <= 1 && context.breaks(at);
  const compares = tokens.kind(at + 1) === Kind.compare || tokens.meaning(at + 1) === Word.compare;
  if (quotedRight && atEdge)
    matches.add(
      "quoted-operator",
      tokens.endOf(right.next - 1) >= tokens.text.length - 1 || compares ? 8 : 5,
      tokens.start(at),
      tokens.endOf(next),
    );
  else if (context.breaks(at) && right.call && isProbe(context.tokens, next))
    matches.add("quoted-operator", 8, tokens.start(at), tokens.endOf(next));
  else if (context.breaks(at) && (compares || quotedRight)) matches.add("quoted-operator", 4, tokens.start(at), tokens.endOf(next));
}

function isOperator({ tokens }: SqlContext, at: number): boolean {
  const kind = tokens.kind(at);
  return kind === Kind.operator || kind === Kind.compare || kind === Kind.logic || tokens.meaning(at) === Word.compare;
}
