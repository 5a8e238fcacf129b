import { CodeUnits } from "../scan/code-units.ts";
import { isForeignLetter, plainSign } from "../text/scripts.ts";

/** Stands before the first character of a text, after the last, for a control character, and for the rest of Unicode. */
const Symbol = { start: 2, end: 3, control: 1, letter: 130, sign: 131 } as const;
const digit = 0x30;
const space = 0x20;
const lineBreak = 0x0a;
const dropped = 0;

/** How often a symbol is kept where it is repeated; a rule of dashes and a long number are one thing. */
const mostRepeated = 3;
const mostDigits = 2;

const ascii = Uint8Array.from({ length: 128 }, (_, code) => symbolOfAscii(code));

function symbolOfAscii(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code + 0x20;
  if (code >= 0x30 && code <= 0x39) return digit;
  if (code === 0x0d) return dropped;
  if (code === lineBreak) return code;
  if (code === 0x09) return space;
  return code < space || code === 0x7f ? Symbol.control : code;
}

/** Letters of all other alphabets are one symbol, signs that mean the same as one of ASCII are that one, and all others are another. */
function symbolOf(code: number): number {
  const plain = plainSign(code);
  if (plain < 128) return ascii[plain] ?? 0;
  if (code === 0xa0) return space;
  return isForeignLetter(code) ? Symbol.letter : Symbol.sign;
}

/** How often each symbol is kept where it is repeated. */
const most = Uint8Array.from({ length: 256 }, (_, symbol) => mostOf(symbol));

function mostOf(symbol: number): number {
  if (symbol === space) return 1;
  return symbol === digit ? mostDigits : mostRepeated;
}

const codeUnits = new CodeUnits();

/**
 * Writes part of a text as symbols: lower case, every digit 0, no carriage returns, repetitions cut short. The start and the end
 * of the whole text are symbols, too.
 *
 * @returns how many symbols there are, at most two more than characters
 */
export function writeSymbols(text: string, from: number, to: number, symbols: Uint8Array): number {
  codeUnits.write(text.slice(from, to));
  const { units } = codeUnits;
  let count = 0;
  if (from === 0) symbols[count++] = Symbol.start;
  let last = 0;
  let repeated = 0;
  for (let at = 1; at <= to - from; at += 1) {
    const code = units[at] ?? 0;
    const symbol = code < 128 ? (ascii[code] ?? 0) : symbolOf(code);
    if (symbol === dropped) continue;
    repeated = symbol === last ? repeated + 1 : 1;
    last = symbol;
    if (repeated <= (most[symbol] ?? 0)) symbols[count++] = symbol;
  }
  if (to === text.length) symbols[count++] = Symbol.end;
  return count;
}
