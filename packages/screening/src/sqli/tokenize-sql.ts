import type { TextScan } from "../scan/text-scan.ts";
import { hashStep } from "../text/word-table.ts";
import { hidesJoint } from "./hidden-joint.ts";
import { Kind, SqlTokens } from "./sql-tokens.ts";
import { meaningOf } from "./words.ts";

const space = 20;
const word = 21;
const digit = 22;

/** What a code unit begins: a kind of token, or one of the above. */
const classes = new Uint8Array(128).fill(Kind.other);
const mark = (kind: number, characters: string): void => {
  for (const character of characters) classes[character.charCodeAt(0)] = kind;
};
classes.fill(space, 0, 0x21);
classes[0] = Kind.other;
mark(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$");
mark(digit, "0123456789");
/** Letters in lower case, digits and underscores: what a word consists of, 0 for anything else. */
const wordParts = new Uint8Array(128);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$0123456789") {
  wordParts[character.charCodeAt(0)] = character.toLowerCase().charCodeAt(0);
}
/** No word with a meaning is longer. */
const longestMeant = 24;
/** Kinds that are always one character, but for NUL and the colon. */
const standsAlone = new Uint8Array(32);
for (const kind of [Kind.quote, Kind.open, Kind.close, Kind.comma, Kind.semicolon, Kind.dot, Kind.other]) standsAlone[kind] = 1;
mark(Kind.quote, "'\"`");
mark(Kind.open, "(");
mark(Kind.close, ")");
mark(Kind.comma, ",");
mark(Kind.semicolon, ";");
mark(Kind.comment, "#");
mark(Kind.dot, ".");
mark(Kind.compare, "=<>");
mark(Kind.operator, "+-*/%^|&~!");
mark(Kind.variable, "@");

/**
 * Cuts a text into SQL tokens, one look at each character.
 *
 * Block comments count as space, except `/*!` whose content MySQL runs. With `dropLineComments`, so do line comments that a
 * line break ends.
 */
export function tokenizeSql(scan: TextScan, dropLineComments: boolean): SqlTokens {
  const tokens = new SqlTokens(scan);
  const { units } = tokens;
  const { length } = scan.text;
  for (let at = 0; at < length && !tokens.isFull;) {
    const code = units[at + 1] ?? 0;
    const kind = code < 128 ? (classes[code] ?? 0) : kindOfWide(code);
    if (kind === space) at += 1;
    else if (kind === word) at = readWord(tokens, units, at);
    else if (standsAlone[kind] === 1 && code > 0 && code !== 0x3a) at = pushTo(tokens, kind, at, at + 1);
    else at = readToken(tokens, at, code, kind, dropLineComments);
  }
  return tokens;
}

function kindOfWide(code: number): number {
  if (code === 0xa0 || code === 0xfffd) return space;
  return code > 0xa0 ? word : Kind.other;
}

function readToken(tokens: SqlTokens, at: number, code: number, kind: number, dropLineComments: boolean): number {
  const { units } = tokens;
  if (kind === digit) return readNumber(tokens, at);
  if (kind === Kind.operator || kind === Kind.compare || code === 0x3a) return readSign(tokens, at, code, kind, dropLineComments);
  if (kind === Kind.comment) return readLineComment(tokens, at, 1, dropLineComments);
  if (code === 0) return at > 0 ? pushTo(tokens, Kind.comment, at, at + 1) : 1;
  if (kind === Kind.variable) return pushTo(tokens, kind, at, endOfWord(units, units[at + 2] === 0x40 ? at + 2 : at + 1));
  return pushTo(tokens, kind, at, at + 1);
}

function readWord(tokens: SqlTokens, units: Uint16Array, start: number): number {
  let hash = 0;
  let at = start;
  for (let part = partOfWord(units[at + 1] ?? 0); part !== 0; part = partOfWord(units[at + 1] ?? 0)) {
    hash = hashStep(hash, part);
    at += 1;
  }
  tokens.push(Kind.word, start, at, at - start > longestMeant ? 0 : meaningOf(tokens.text, start, at, hash));
  return at;
}

/** What a code unit adds to the hash of a word, 0 when it is none of a word. */
function partOfWord(code: number): number {
  if (code < 128) return wordParts[code] ?? 0;
  return code > 0xa0 && code !== 0xfffd ? code : 0;
}

/** Signs that may be the first of two. */
function readSign(tokens: SqlTokens, at: number, code: number, kind: number, dropLineComments: boolean): number {
  const next = tokens.units[at + 2] ?? 0;
  if (code === 0x2f && next === 0x2a) return skipBlockComment(tokens, at);
  if (code === 0x2a && next === 0x2f) return at + 2;
  if (code === 0x2d && next === 0x2d) return readLineComment(tokens, at, 2, dropLineComments);
  if ((code === 0x26 || code === 0x7c) && next === code) return pushTo(tokens, Kind.logic, at, at + 2);
  const compares = kind === Kind.compare || code === 0x21 || code === 0x3a;
  if (compares && next >= 0x3c && next <= 0x3e) return pushTo(tokens, Kind.compare, at, at + 2);
  return pushTo(tokens, kind, at, at + 1);
}

function pushTo(tokens: SqlTokens, kind: number, start: number, end: number): number {
  tokens.push(kind, start, end);
  return end;
}

/** `1union` is a number and a word; `0x41` is one number. */
function readNumber(tokens: SqlTokens, start: number): number {
  const { units } = tokens;
  let at = start + 1;
  if (((units[at + 1] ?? 0) | 0x20) === 0x78) {
    at += 1;
    while (isHexDigit(units[at + 1] ?? 0)) at += 1;
    return pushTo(tokens, Kind.number, start, at);
  }
  while (isDigit(units[at + 1] ?? 0) || (units[at + 1] === 0x2e && isDigit(units[at + 2] ?? 0))) at += 1;
  if (((units[at + 1] ?? 0) | 0x20) === 0x65 && isDigit(units[at + 2] ?? 0)) {
    at += 2;
    while (isDigit(units[at + 1] ?? 0)) at += 1;
  } else if (units[at + 1] === 0x2e && isWordStart(units[at + 2] ?? 0)) at += 1;
  return pushTo(tokens, Kind.number, start, at);
}

/** An unclosed comment hides the rest of the statement: the comment itself is what matters then. */
function skipBlockComment(tokens: SqlTokens, at: number): number {
  const { text } = tokens;
  if (text.charAt(at + 2) === "!") {
    let start = at + 3;
    while (isDigit(text.charCodeAt(start))) start += 1;
    return start;
  }
  if (at + 2 > tokens.lastBlockEnd) return pushTo(tokens, Kind.comment, at, at + 2);
  return text.indexOf("*/", at + 2) + 2;
}

function readLineComment(tokens: SqlTokens, at: number, length: number, drop: boolean): number {
  if (at > tokens.lastLineEnd) return pushTo(tokens, Kind.comment, at, at + length);
  if (drop) return tokens.text.indexOf("\n", at) + 1;
  tokens.hidesJoint ||= hidesJoint(tokens, at);
  return pushTo(tokens, Kind.comment, at, at + length);
}

function endOfWord(units: Uint16Array, start: number): number {
  let at = start;
  while (isWordPart(units[at + 1] ?? 0)) at += 1;
  return at;
}

function isWordStart(code: number): boolean {
  return code < 128 ? classes[code] === word : code > 0xa0;
}

function isWordPart(code: number): boolean {
  return code < 128 ? (classes[code] ?? 0) >= word : code > 0xa0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66);
}
