import { repeatedMark } from "./repeated-mark.ts";
import { tokensOfCharacter } from "./scripts.ts";

// Kinds of characters. Latin letters, digits, punctuation and white space form runs; every other character counts by itself.
const space = 0;
const newline = 1;
const lower = 2;
const upper = 3;
const accented = 4;
const digit = 5;
const punctuation = 6;
const other = 7;
const tab = 9;

/** The kind of each code point below U+0250, where the Latin letters end. */
const kinds = Uint8Array.from({ length: 0x250 }, (_, code) => {
  if (code === 10 || code === 13) return newline;
  if (code === 32 || code === 9) return space;
  if (code >= 97 && code <= 122) return lower;
  if (code >= 65 && code <= 90) return upper;
  if (code >= 48 && code <= 57) return digit;
  // Vocabularies have no runs of control characters.
  if (code < 32 || code === 127) return other;
  return code < 128 ? punctuation : accented;
});

/** Tokens of a word of 0, 1, 2 … 9 letters; longer ones add `perLetter` for each letter more. */
const afterSpace = { ofLength: [0, 1.03, 1.03, 1.03, 1.13, 1.13, 1.13, 1.1, 1.1, 1.1], longer: 1.16, perLetter: 0.45 };
/** Of a word that begins a text or a line. Vocabularies have fewer of these whole than of words after a space. */
const atStart = { ofLength: [0, 0.99, 0.99, 0.99, 1.05, 1.11, 1.18, 1.24, 1.39, 1.45], longer: 1.62, perLetter: 0.19 };
/** Of a word after a single mark that follows no space, such as `name` in `user.name`: most vocabularies have it with its mark. */
const joined = { ofLength: [0, 0.4, 0.4, 0.4, 0.49, 0.49, 0.49, 0.52, 0.52, 0.52], longer: 0.93, perLetter: 0.25 };
/** Of a word that follows another character, such as several marks, a digit or the word before a capital. */
const glued = { ofLength: [0, 1.2, 1.2, 1.2, 1.02, 1.02, 1.02, 1.08, 1.08, 1.08], longer: 1.08, perLetter: 0.31 };
const accent = 0.84;
const perThreeDigits = 1.25;
/** Line breaks after a mark are part of its token. */
const newlines = 1.5;
const indent = 1.03;
const spaces = 1.9;
/** Of a single space that no word follows: vocabularies have no token of a space and digits. */
const bareSpace = 1.08;
/** They have some of a space and marks, but none of a tab and marks. */
const tabBeforeMark = 1.2;
const firstMark = 1.19;
const secondMark = 0.14;
const furtherMark = 0.66;
/** The longest run of white space that vocabularies have as one token; what goes on beyond needs more of them. */
const longestSpace = 16;
const furtherSpace = 1 / 16;
const furtherNewline = 1 / 8;
const rareLetter = 0.22;
const rareLetters = new Set(Buffer.from("jqxzkvwJQXZKVW"));
const isRare = Uint8Array.from({ length: 128 }, (_, code) => (rareLetters.has(code) ? 1 : 0));

/**
 * Estimates how many tokens a model makes of a text, without a vocabulary: one pass, a few nanoseconds per character, and linear for any text.
 *
 * The weights were fitted to the o200k vocabulary so that English and source code are hardly ever estimated too low: of 4,236 files the
 * estimate divided by the true count had a 1st percentile of 1.02, a median of 1.17 and a 99th percentile of 1.31.
 */
export class TokenEstimate {
  #tokens = 0;
  #kind = other;
  #length = 0;
  /** Tokens of the current word. */
  #word = atStart;
  #lastMark = 0;
  /** How often it has followed itself. */
  #repeated = 0;
  #isIndent = false;
  /** The last white space is a tab. */
  #isTab = false;
  /** The last character is a single mark that follows no space. */
  #isJoint = false;
  /** Whether every letter of the current word is a capital. */
  #isUpper = false;

  /** The estimate for all that was added, rounded up. */
  get tokens(): number {
    return Math.ceil(this.#tokens + this.#openRun());
  }

  /** Adds a text. Texts that are added one after another count as one, so that a stream may come in any chunks. */
  text(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.codePointAt(at) ?? 0;
      if (code > 0xffff) at += 1;
      this.add(code);
    }
  }

  /** Adds one code point. */
  add(code: number): void {
    const kind = code < 0x250 ? (kinds[code] ?? other) : other;
    if (kind >= lower && kind <= accented) return this.#letter(code, kind);
    if (this.#kind >= lower && this.#kind <= accented) this.#endWord();
    if (kind === space) this.#space(code);
    else if (kind === newline) this.#newline();
    else if (kind === digit) this.#digit();
    else if (kind === punctuation) this.#punctuation(code);
    else this.#tokens += tokensOfCharacter(code);
    this.#word = this.#wordAfter(kind);
    this.#kind = kind;
  }

  #wordAfter(kind: number): typeof glued {
    if (kind === space) return afterSpace;
    if (kind === newline) return atStart;
    return kind === punctuation && this.#isJoint ? joined : glued;
  }

  #letter(code: number, kind: number): void {
    const inWord = this.#kind >= lower && this.#kind <= accented;
    if (!inWord) this.#beginWord(kind === upper);
    else if (kind === upper && this.#kind !== upper) this.#nextWord(0);
    // In `HTTPServer` the last capital belongs to the second word.
    else if (kind === lower && this.#isUpper && this.#length > 1) this.#nextWord(1);
    this.#length += 1;
    if (kind !== upper) this.#isUpper = false;
    if (kind === accented) this.#tokens += accent;
    else if (isRare[code] === 1) this.#tokens += rareLetter;
    this.#kind = kind;
  }

  #beginWord(isUpper: boolean): void {
    this.#length = 0;
    this.#isUpper = isUpper;
  }

  /** Ends the word before the last `taken` letters, which begin the next one. */
  #nextWord(taken: number): void {
    this.#length -= taken;
    this.#endWord();
    this.#beginWord(true);
    this.#length = taken;
  }

  #endWord(): void {
    this.#tokens += this.#openWord();
    this.#word = glued;
    this.#kind = other;
    this.#length = 0;
  }

  /** Tokens of what the text ends with: a word that may go on, or a single space, which is a token if no word follows. */
  #openRun(): number {
    if (this.#kind >= lower && this.#kind <= accented) return this.#openWord();
    return this.#kind === space && this.#length === 1 ? bareSpace : 0;
  }

  #openWord(): number {
    const { ofLength, longer, perLetter } = this.#word;
    return ofLength[this.#length] ?? longer + (this.#length - 9) * perLetter;
  }

  #space(code: number): void {
    if (this.#kind !== space) {
      this.#length = 0;
      this.#isIndent = this.#kind === newline;
    }
    this.#length += 1;
    this.#isTab = code === tab;
    if (this.#length === 2) this.#tokens += this.#isIndent ? indent : spaces;
    else if (this.#length > longestSpace) this.#tokens += furtherSpace;
  }

  #newline(): void {
    this.#length = this.#kind === newline ? this.#length + 1 : 1;
    if (this.#length === 1) this.#tokens += this.#kind === punctuation ? 0 : newlines;
    else if (this.#length > longestSpace) this.#tokens += furtherNewline;
  }

  #digit(): void {
    this.#tokens += this.#openRun();
    this.#length = this.#kind === digit ? this.#length + 1 : 0;
    if (this.#length % 3 === 0) this.#tokens += perThreeDigits;
  }

  #punctuation(code: number): void {
    const isFirst = this.#kind !== punctuation;
    this.#isJoint = isFirst && (this.#kind !== space || this.#isTab);
    if (isFirst) {
      this.#tokens += this.#kind === space && this.#isTab ? firstMark + tabBeforeMark : firstMark;
      this.#length = 0;
      this.#repeated = 0;
    } else if (code === this.#lastMark) {
      this.#repeated += 1;
      this.#tokens += repeatedMark(code, this.#repeated);
    } else {
      this.#tokens += this.#length === 0 ? secondMark : furtherMark;
      this.#length += 1;
      this.#repeated = 0;
    }
    this.#lastMark = code;
  }
}
