import type { MatchSet } from "../match-set.ts";
import type { SqlContext } from "./context.ts";
import { Kind } from "./sql-tokens.ts";
import { Word } from "./words.ts";

const maxTokens = 12;

/** Texts, or what follows a sentence, that are nothing but a fragment of an expression: `count(`, `) as n from`, `a'-'b`, `4!=5`. */
export function findWholePart(context: SqlContext, matches: MatchSet): void {
  const { tokens } = context;
  if (endsInOpenCall(context)) matches.add("open-call", 7, tokens.start(tokens.length - 2), tokens.text.length);
  const first = firstOfPart(context);
  if (first === -1) return;
  const rule = partRule(context, first, tokens.length - 1);
  if (rule !== undefined) matches.add(rule, 7, tokens.start(first), tokens.endOf(tokens.length - 1));
}

const sqlTypes = new Set("int integer bigint text varchar json jsonb numeric float bytea regclass".split(" "));

/** No sentence ends with an open parenthesis after a word. */
function endsInOpenCall({ tokens }: SqlContext): boolean {
  const last = tokens.length - 1;
  return tokens.kind(last) === Kind.open && tokens.kind(last - 1) === Kind.word && tokens.endOf(last - 1) === tokens.start(last);
}

function firstOfPart(context: SqlContext): number {
  const last = context.tokens.length - 1;
  for (let at = last - 1; at >= 0 && at > last - maxTokens; at -= 1) if (context.startsPart(at)) return at;
  return -1;
}

function partRule(context: SqlContext, first: number, last: number): string | undefined {
  const { tokens } = context;
  const size = last - first + 1;
  if (tokens.kind(last) === Kind.open && tokens.kind(first) === Kind.word && size <= 4 && isTight(context, first, last)) return "open-call";
  const casts = tokens.first(last - 1) === 0x3a && tokens.first(last - 2) === 0x3a && sqlTypes.has(tokens.value(last).toLowerCase());
  if (casts && (tokens.kind(last - 3) === Kind.close || tokens.kind(last - 3) === Kind.quote)) return "typed-condition";
  if (tokens.meaning(last) === Word.union && isArithmetic(context, first, last)) return "union-select";
  if (tokens.meaning(last) === Word.from && tokens.kind(first) !== Kind.word && hasAlias(context, last)) return "open-clause";
  if (size >= 3 && size <= 4 && tokens.kind(first) === Kind.number && tokens.kind(last) === Kind.number) return inequality(context, first);
  const quoted = tokens.kind(first + 1) === Kind.quote && tokens.kind(last - 1) === Kind.quote && tokens.kind(first) === Kind.word;
  if (quoted && size === 5 && isOperator(context, first + 2)) return "quoted-operator";
  const sameQuotes =
    tokens.kind(first) === Kind.quote && size >= 5 && tokens.kind(last) === Kind.quote && tokens.first(first) === tokens.first(last);
  if (sameQuotes && isOperator(context, first + 1) && isOperator(context, last - 1)) return "quoted-operator";
  if (size <= 4 && tokens.kind(first) === Kind.quote && tokens.kind(last) === Kind.quote && isOperator(context, last - 1))
    return "quoted-operator";
  return undefined;
}

/** Numbers, signs and comments alone. */
function isArithmetic({ tokens }: SqlContext, first: number, last: number): boolean {
  let numbers = 0;
  for (let at = first; at < last; at += 1) {
    const kind = tokens.kind(at);
    if (kind === Kind.number) numbers += 1;
    else if (kind !== Kind.operator && kind !== Kind.comment) return false;
  }
  return numbers > 0;
}

/** A comma or a second word would be a sentence. */
function isTight({ tokens }: SqlContext, first: number, last: number): boolean {
  for (let at = first + 1; at < last; at += 1) {
    const kind = tokens.kind(at);
    if (kind !== Kind.compare && kind !== Kind.logic && kind !== Kind.close) return false;
  }
  return true;
}

/** `as name from`, also with quotes around the name. */
function hasAlias({ tokens }: SqlContext, last: number): boolean {
  for (let at = last - 2; at > last - 6; at -= 1) if (/^as$/i.test(tokens.value(at))) return true;
  return false;
}

function inequality({ tokens }: SqlContext, first: number): string | undefined {
  const sign = tokens.value(first + 1);
  return sign === "!=" || sign === "<>" || (sign === "<=" && tokens.value(first + 2) === ">") ? "constant-condition" : undefined;
}

function isOperator({ tokens }: SqlContext, at: number): boolean {
  const kind = tokens.kind(at);
  return kind === Kind.operator || kind === Kind.compare || kind === Kind.logic || tokens.meaning(at) === Word.compare;
}
