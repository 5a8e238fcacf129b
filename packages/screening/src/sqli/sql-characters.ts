import { Kind } from "./sql-tokens.ts";

/** What a code unit is to the tokenizer, as bits of one number. Two neighbours are one token when `before` of the first has a bit of the next. */
export const Bits = {
  /** A letter, digit or sign of a word. */
  part: 1,
  /** The second of a pair of signs, a bit for each sort of pair. */
  second: 0b111_1110,
  /** From which bit on it says what may stand after it. */
  before: 8,
  /** It may begin a token that is neither a word nor a sign by itself. */
  long: 1 << 16,
  space: 1 << 17,
  spaceAt: 17,
  /** From which bit on the kind of token stands that it begins. */
  kindAt: 18,
  /** From which bit on its share in the hash of a word stands. */
  letterAt: 22,
} as const;

const { part, before, long, space, kindAt, letterAt } = Bits;
const other = Kind.other << kindAt;
const inWord = part | (part << before);
const wideLetter = (Kind.word << kindAt) | inWord;

/** The bits of each code unit of ASCII. */
export const asciiBits = new Int32Array(128).fill(other);

const each = (characters: string, bitsOf: (bits: number, code: number) => number): void => {
  for (const character of characters) {
    const code = character.charCodeAt(0);
    asciiBits[code] = bitsOf(asciiBits[code] ?? 0, character.toLowerCase().charCodeAt(0));
  }
};
const kind = (number: number, characters: string, more = 0): void => each(characters, () => (number << kindAt) | more);
const pair = (bit: number, first: string, next: string): void => {
  each(first, (bits) => bits | (bit << before));
  each(next, (bits) => bits | bit);
};

asciiBits.fill(space, 1, 0x21);
const letters = "abcdefghijklmnopqrstuvwxyz_$";
each(letters + letters.toUpperCase(), (_, code) => (Kind.word << kindAt) | inWord | (code << letterAt));
each("0123456789", (_, code) => (Kind.number << kindAt) | inWord | long | (code << letterAt));
kind(Kind.quote, "'\"`");
kind(Kind.open, "(");
kind(Kind.close, ")");
kind(Kind.comma, ",");
kind(Kind.semicolon, ";");
kind(Kind.dot, ".");
kind(Kind.compare, "=<>");
kind(Kind.operator, "+-*/%^|&~!");
kind(Kind.comment, "#\0", long);
kind(Kind.variable, "@", long);
pair(2, "/", "*");
pair(4, "*", "/");
pair(8, "-", "-");
pair(16, "&", "&");
pair(32, "|", "|");
pair(64, "=<>!:", "<=>");

/** The bits of a code unit beyond ASCII. */
export function bitsOfWide(code: number): number {
  if (code === 0xa0 || code === 0xfffd) return space;
  return code > 0xa0 ? wideLetter : other;
}
