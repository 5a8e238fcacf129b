import type { TextScan } from "../scan/text-scan.ts";
import { cellsOfToken, maxTokens } from "../scan/token-columns.ts";
import { hidesJoint } from "./hidden-joint.ts";
import { asciiBits, Bits, bitsOfWide } from "./sql-characters.ts";
import { Kind, numberAt, SqlTokens, visitedKinds } from "./sql-tokens.ts";
import { mayMean, numberOf } from "./words.ts";

// Copies, since imports are looked up again each time, which is a third of the work for a character.
const ascii = asciiBits;
const { part, second, before, long, space, spaceAt, kindAt, letterAt } = Bits;
const wordKind = Kind.word;
const kindsToVisit = visitedKinds;
const most = maxTokens;
const size = cellsOfToken;

/**
 * Cuts a text into SQL tokens, one look at each character.
 *
 * Block comments count as space, except `/*!` whose content MySQL runs. With `dropLineComments`, so do line comments that a
 * line break ends.
 */
export function tokenizeSql(scan: TextScan, dropLineComments: boolean): SqlTokens {
  const tokens = new SqlTokens(scan);
  const { length } = scan.text;
  for (let at = readPlain(tokens, 0); at < length && !tokens.isFull; at = readPlain(tokens, at))
    at = readLong(tokens, at, dropLineComments);
  return tokens;
}

/**
 * Reads words and signs that stand for themselves, and returns where something else begins.
 *
 * A sign is read like a word of one letter: which of them comes next is what a processor can't foresee.
 */
function readPlain(tokens: SqlTokens, from: number): number {
  const { units, cells, visited } = tokens;
  let { length, visits } = tokens;
  let at = from;
  while (length < most) {
    let code = units[at + 1] ?? 0;
    const first = code < 128 ? (ascii[code] ?? 0) : bitsOfWide(code);
    if ((first & (long | space)) !== 0) {
      if ((first & long) !== 0) break;
      at += 1;
      continue;
    }
    let ahead = at + 2;
    code = units[ahead] ?? 0;
    let next = code < 128 ? (ascii[code] ?? 0) : bitsOfWide(code);
    const belongs = first >> before;
    if ((belongs & next & second) !== 0) break;
    let hash = first >> letterAt;
    while ((belongs & next & part) !== 0) {
      hash = (Math.imul(hash, 31) + (next >> letterAt)) | 0;
      ahead += 1;
      code = units[ahead] ?? 0;
      next = code < 128 ? (ascii[code] ?? 0) : bitsOfWide(code);
    }
    const end = ahead - 1;
    let kind = (first >> kindAt) & 15;
    if ((mayMean(hash) | ((kindsToVisit >> kind) & 1)) !== 0) {
      const number = kind === wordKind ? numberOf(units, at + 1, end + 1, hash) : 0;
      if (number !== 0 || ((kindsToVisit >> kind) & 1) !== 0) {
        visited[visits] = length;
        visits += 1;
      }
      kind |= number << numberAt;
    }
    const cell = length * size;
    cells[cell] = at;
    cells[cell + 1] = end;
    cells[cell + 2] = kind;
    length += 1;
    // Over the one space that most words have after them.
    at = end + ((next >> spaceAt) & 1);
  }
  tokens.length = length;
  tokens.visits = visits;
  return at;
}

/** Reads a number, a comment, a variable or a pair of signs. */
function readLong(tokens: SqlTokens, at: number, dropLineComments: boolean): number {
  const { units } = tokens;
  const code = units[at + 1] ?? 0;
  if (isDigit(code)) return readNumber(tokens, at);
  if (code === 0x23) return readLineComment(tokens, at, 1, dropLineComments);
  if (code === 0) return at > 0 ? pushTo(tokens, Kind.comment, at, at + 1) : 1;
  if (code === 0x40) return pushTo(tokens, Kind.variable, at, endOfWord(units, units[at + 2] === 0x40 ? at + 2 : at + 1));
  return readPair(tokens, at, code, dropLineComments);
}

/** Two signs that are one, or that begin or end a comment. */
function readPair(tokens: SqlTokens, at: number, code: number, dropLineComments: boolean): number {
  if (code === 0x2f) return skipBlockComment(tokens, at);
  if (code === 0x2a) return at + 2;
  if (code === 0x2d) return readLineComment(tokens, at, 2, dropLineComments);
  return pushTo(tokens, code === 0x26 || code === 0x7c ? Kind.logic : Kind.compare, at, at + 2);
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
  const end = tokens.blockEndBehind(at + 2);
  return end === -1 ? pushTo(tokens, Kind.comment, at, at + 2) : end + 2;
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
  return isWordPart(code) && !isDigit(code);
}

function isWordPart(code: number): boolean {
  return code < 128 ? ((ascii[code] ?? 0) & part) !== 0 : code > 0xa0;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  const letter = code | 0x20;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66);
}
