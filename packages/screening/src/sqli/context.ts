import { startsPart } from "../text/sentence-boundaries.ts";
import { markBreakingQuotes } from "./quote-roles.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** Tokens with what the rules ask about the positions around them. */
export class SqlContext {
  readonly tokens: SqlTokens;
  #firstStatement: number | undefined;

  constructor(tokens: SqlTokens) {
    this.tokens = tokens;
    markBreakingQuotes(tokens);
  }

  /** Where the first whole statement of the text begins: after it, clauses are what one expects. */
  get firstStatement(): number {
    return (this.#firstStatement ??= findStatement(this.tokens));
  }

  breaks(at: number): boolean {
    return this.tokens.breaks(at);
  }

  /** Whether a statement has begun before this token, so that the text is SQL by itself and not a fragment of it. */
  insideStatement(at: number): boolean {
    return this.firstStatement < at;
  }

  /** Whether it stands in a statement that begins its part of the text and does not end in a comment. */
  insideWholeStatement(at: number): boolean {
    return this.insideStatement(at) && this.startsPart(this.firstStatement) && !this.endsInComment;
  }

  /** Whether a value could begin with this token: at the start of the text, or where a sentence before it has ended. */
  startsPart(at: number): boolean {
    return at === 0 || startsPart(this.tokens.text, this.tokens.start(at));
  }

  /** The last token before `at` that is no closing parenthesis. */
  beforeCloses(at: number): number {
    let before = at - 1;
    while (before > at - 10 && this.tokens.kind(before) === Kind.close) before -= 1;
    return before;
  }

  /** Whether a value that was injected into could end right before this token: by a quote, a number, or at the start. */
  afterValue(at: number): "quote" | "number" | "start" | "close" | undefined {
    const before = this.beforeCloses(at);
    if (this.breaks(before)) return "quote";
    if (before < 0 || this.startsPart(before + 1)) return before === at - 1 ? "start" : "close";
    if (this.tokens.kind(before) === Kind.number && this.#isShortNumber(before)) return "number";
    return undefined;
  }

  /** The number begins its part of the text, perhaps after a sign, or stands directly after `=` or an operator. */
  #isShortNumber(at: number): boolean {
    const { tokens } = this;
    if (at <= 2 || this.startsPart(at) || this.startsPart(at - 1)) return true;
    return tokens.kind(at - 1) === Kind.compare || tokens.kind(at - 1) === Kind.operator;
  }

  /** A comment, or the end, with nothing but closing parentheses, quotes and semicolons before it. */
  endsStatement(at: number): boolean {
    let next = at;
    while (next < at + 8 && isTail(this.tokens.kind(next))) next += 1;
    const kind = this.tokens.kind(next);
    return kind === Kind.comment || kind === Kind.end;
  }

  /** Whether a comment is the last thing of the text, or all but one word. */
  get endsInComment(): boolean {
    const { tokens } = this;
    for (let at = tokens.length - 1; at >= tokens.length - 3; at -= 1) if (tokens.kind(at) === Kind.comment) return true;
    return false;
  }

  isLast(at: number): boolean {
    return at >= this.tokens.length - 2;
  }

  hasCommentWithin(from: number, count: number): boolean {
    for (let at = from; at < from + count; at += 1) if (this.tokens.kind(at) === Kind.comment) return true;
    return false;
  }
}

function isTail(kind: number): boolean {
  return kind === Kind.close || kind === Kind.quote || kind === Kind.semicolon;
}

function findStatement(tokens: SqlTokens): number {
  for (let index = 0; index < tokens.visits; index += 1) {
    const at = tokens.visit(index);
    const meaning = tokens.meaning(at);
    if (meaning === Word.select && followsLineStart(tokens, at) && hasFrom(tokens, at)) return at;
    if (meaning === Word.verb && followsLineStart(tokens, at) && tokens.meaning(at + 1) === Word.object) return at;
  }
  return Number.POSITIVE_INFINITY;
}

/** A statement stands at the start, or where a sentence or quotation around it ends. */
function followsLineStart(tokens: SqlTokens, at: number): boolean {
  const kind = tokens.kind(at - 1);
  return at === 0 || kind === Kind.word || kind === Kind.open || kind === Kind.quote || kind === Kind.other || kind === Kind.semicolon;
}

/** Whether a `from` follows before the statement ends, within 40 tokens. */
export function hasFrom(tokens: SqlTokens, select: number): boolean {
  for (let at = select + 1; at < select + 40; at += 1) {
    if (tokens.meaning(at) === Word.from) return true;
    if (tokens.kind(at) === Kind.semicolon || tokens.kind(at) === Kind.comment) return false;
  }
  return false;
}
