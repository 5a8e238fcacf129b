import type { SqlContext } from "./context.ts";
import { type Operand, readOperand } from "./operand.ts";
import { isProbe } from "./probe-rules.ts";
import { Kind, type SqlTokens } from "./sql-tokens.ts";
import { Word } from "./words.ts";

/** A comparison after `or`, `and`, `&&` or `||`, with the facts that its score depends on. */
export class Comparison {
  readonly context: SqlContext;
  readonly tokens: SqlTokens;
  /** The token of the `or`. */
  readonly at: number;
  readonly left: Operand;
  readonly right: Operand | undefined;
  /** What the `or` follows. */
  readonly position: ReturnType<SqlContext["afterValue"]>;
  /** It is compared by `=`, `<` or `>`, and not by a word. */
  readonly bySymbol: boolean;

  constructor(context: SqlContext, at: number, left: Operand) {
    const { tokens } = context;
    this.context = context;
    this.tokens = tokens;
    this.at = at;
    this.left = left;
    this.right = readOperand(tokens, tokens.meaning(left.next) === Word.not ? left.next + 2 : left.next + 1);
    this.position = context.afterValue(at);
    this.bySymbol = tokens.kind(left.next) === Kind.compare;
  }

  /** The token after the comparison. */
  get next(): number {
    return this.right?.next ?? this.left.next + 1;
  }

  get endsText(): boolean {
    return this.context.isLast(this.next);
  }

  get insideStatement(): boolean {
    return this.context.insideStatement(this.at);
  }

  get hasLiteralRight(): boolean {
    return this.right?.literal === true;
  }

  get hasLiterals(): boolean {
    return this.left.literal && this.hasLiteralRight;
  }

  get hasCall(): boolean {
    return this.left.call || this.right?.call === true;
  }

  get isLogicWord(): boolean {
    return this.tokens.kind(this.at) === Kind.word;
  }

  /** `x=x`: one name on both sides. */
  get isSame(): boolean {
    const { tokens, at, left } = this;
    if (left.next !== at + 2 || this.next !== at + 4 || tokens.kind(at + 1) !== Kind.word) return false;
    return tokens.value(at + 1).toLowerCase() === tokens.value(at + 3).toLowerCase();
  }

  /** `8 like 8`, `8 in (8`, `8 is not null`: no sentence says that of a number. */
  get comparesConstantByWord(): boolean {
    const { tokens, at } = this;
    if (!this.isLogicWord || tokens.kind(at + 1) !== Kind.number || tokens.meaning(at + 2) !== Word.compare) return false;
    const by = tokens.value(at + 2).toLowerCase();
    const next = tokens.kind(at + 3);
    if (by === "in") return next === Kind.open && tokens.kind(at + 4) === Kind.number;
    if (by === "is") return tokens.meaning(tokens.meaning(at + 3) === Word.not ? at + 4 : at + 3) === Word.literal;
    return /^(?:like|r?like|ilike|regexp|glob)$/.test(by) && (next === Kind.number || next === Kind.quote);
  }

  /** `or` and `and`, or a sign directly after a value; `&&` and `||` between literals are also shell and code. */
  get isSqlLogic(): boolean {
    const { tokens, at } = this;
    return this.isLogicWord || tokens.kind(at - 1) === Kind.quote || tokens.kind(at - 1) === Kind.number || at === 0;
  }

  /** The number before the `or` begins the text, or stands alone after a sentence with nothing after the comparison. */
  get isWholeValue(): boolean {
    return this.at <= 3 || (this.context.startsPart(this.at - 1) && this.endsText);
  }

  /** It begins with a call that probes a database, or compares with a subquery. */
  get probes(): boolean {
    const { tokens, left } = this;
    return (left.call && isProbe(tokens, this.at + 1)) || (left.literal && tokens.meaning(left.next + 2) === Word.select);
  }
}
