import type { MatchSet } from "../match-set.ts";
import type { SqlContext } from "./context.ts";
import { type Operand, readOperand } from "./operand.ts";
import { Kind } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** `or 1=1`, `' or 'a'='a`, `') and sleep(5)`: a condition added behind a value. `at` is the `or`, `and`, `&&` or `||`. */
export function findAddedCondition(context: SqlContext, at: number, matches: MatchSet): void {
  const { tokens } = context;
  if (isTypedCondition(context, at)) matches.add("typed-condition", 8, tokens.start(at), tokens.endOf(at + 1));
  const left = readOperand(tokens, at + 1);
  if (left === undefined) return;
  const score = isComparison(context, left.next, at) ? scoreComparison(context, at, left) : scoreSingle(context, at, left);
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

/** `=`, `like`, `not in`; behind a quote also any operator, such as `@>` and `~` of PostgreSQL. */
function isComparison(context: SqlContext, at: number, logic: number): boolean {
  const { tokens } = context;
  if (tokens.kind(at) === Kind.compare) return true;
  if (tokens.kind(at) === Kind.operator || tokens.kind(at) === Kind.variable)
    return context.afterValue(logic) === "quote" && tokens.first(at) !== 0x2d;
  const behindNot = tokens.meaning(at) === Word.not ? at + 1 : at;
  return tokens.meaning(behindNot) === Word.compare;
}

function scoreComparison(context: SqlContext, at: number, left: Operand): number {
  const { tokens } = context;
  const bySymbol = tokens.kind(left.next) === Kind.compare;
  const right = readOperand(tokens, tokens.meaning(left.next) === Word.not ? left.next + 2 : left.next + 1);
  const position = context.afterValue(at);
  if (right === undefined) return position === "quote" ? 8 : 4;
  if (isSame(context, at + 1, left.next, right.next))
    return (tokens.kind(at) === Kind.word || context.startsPart(at)) && !context.insideStatement(at) ? 8 : 5;
  if (tokens.kind(at - 1) === Kind.quote && !context.insideStatement(at) && context.isLast(right.next) && context.endsInComment) return 8;
  if (position !== undefined && bySymbol && tokens.kind(right.next) === Kind.comment && context.isLast(right.next)) return 8;
  // A whole statement that is asked about; an injected one has its end commented away.
  if (left.literal && right.literal && position !== "quote" && context.insideWholeStatement(at)) return 5;
  if (comparesConstantByWord(context, at)) return 8;
  if (left.literal && right.literal && bySymbol) return isBareLogic(context, at) ? 9 : 4;
  if (left.literal && right.literal && (position === "number" || position === "start")) return 7;
  if (position === "quote") return bySymbol || right.literal || tokens.kind(left.next) !== Kind.word ? 8 : 5;
  if (position === "number" && right.literal && tokens.meaning(left.next) === Word.compare) return 7;
  if (context.insideStatement(at)) return 0;
  if (position === "number") return bySymbol && (at <= 3 || (context.startsPart(at - 1) && context.isLast(right.next))) ? 7 : 5;
  if (position === "close") return bySymbol ? 7 : 4;
  if (position === "start" && bySymbol) return left.call || right.call ? 8 : 5;
  const probes = (left.call && isProbe(context, at + 1)) || (left.literal && tokens.meaning(left.next + 2) === Word.select);
  return bySymbol && probes ? 8 : 0;
}

/** `8 like 8`, `8 in (8`, `8 is not null` behind `or` or `and`: no sentence says that of a number. */
function comparesConstantByWord({ tokens }: SqlContext, at: number): boolean {
  if (tokens.kind(at) !== Kind.word || tokens.kind(at + 1) !== Kind.number || tokens.meaning(at + 2) !== Word.compare) return false;
  const by = tokens.value(at + 2).toLowerCase();
  const next = tokens.kind(at + 3);
  if (by === "in") return next === Kind.open && tokens.kind(at + 4) === Kind.number;
  if (by === "is") return tokens.meaning(tokens.meaning(at + 3) === Word.not ? at + 4 : at + 3) === Word.literal;
  return /^(?:like|r?like|ilike|regexp|glob)$/.test(by) && (next === Kind.number || next === Kind.quote);
}

/** `x=x`: one name on both sides. */
function isSame({ tokens }: SqlContext, left: number, compare: number, end: number): boolean {
  const name = tokens.value(left).toLowerCase();
  return compare === left + 1 && end === compare + 2 && tokens.kind(left) === Kind.word && name === tokens.value(compare + 1).toLowerCase();
}

/** `&&` and `||` between literals are also shell and code; `or` and `and` are not. */
function isBareLogic({ tokens }: SqlContext, at: number): boolean {
  return tokens.kind(at) === Kind.word || tokens.kind(at - 1) === Kind.quote || tokens.kind(at - 1) === Kind.number || at === 0;
}

function scoreSingle(context: SqlContext, at: number, left: Operand): number {
  const position = context.afterValue(at);
  const ended = context.endsStatement(left.next);
  if (left.call && isProbe(context, at + 1)) return position === undefined && context.insideStatement(at) ? 4 : 8;
  if (position === undefined) return 0;
  if (position === "quote" && ended && (left.literal || left.call)) return 8;
  if (left.literal && !left.quoted && position !== "quote" && (context.endsInComment || endsSoon(context, left.next))) return 8;
  return position === "quote" && left.literal ? 5 : 0;
}

/** A comment, and hardly anything behind it. */
function endsSoon({ tokens }: SqlContext, at: number): boolean {
  return tokens.kind(at) === Kind.comment && tokens.text.length - tokens.endOf(at) <= 4;
}

/** The operand begins with the call of a function that probes a database. */
function isProbe({ tokens }: SqlContext, from: number): boolean {
  for (let at = from; at < from + 4; at += 1) {
    const meaning = tokens.meaning(at);
    if (meaning === Word.probe || meaning === Word.char) return tokens.kind(at + 1) === Kind.open || tokens.kind(at + 1) === Kind.dot;
    if (meaning === Word.select || meaning === Word.case) return true;
  }
  return false;
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
  else if (context.breaks(at) && right.call && isProbe(context, next))
    matches.add("quoted-operator", 8, tokens.start(at), tokens.endOf(next));
  else if (context.breaks(at) && (compares || quotedRight)) matches.add("quoted-operator", 4, tokens.start(at), tokens.endOf(next));
}

function isOperator({ tokens }: SqlContext, at: number): boolean {
  const kind = tokens.kind(at);
  return kind === Kind.operator || kind === Kind.compare || kind === Kind.logic || tokens.meaning(at) === Word.compare;
}
