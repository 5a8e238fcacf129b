import type { Limits } from "../options/limits.ts";
import { tooComplex } from "../problems/problems.ts";

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBracket = 0x5b;
const openBrace = 0x7b;
const closeBracket = 0x5d;
const closeBrace = 0x7d;

/**
 * Counts depth and keys in the bytes of a JSON text, before anything is built from them, and stops at a limit.
 *
 * Bytes of UTF-8 sequences never equal an ASCII byte, so no decoding is needed. Faulty JSON is left to the parser.
 *
 * @returns the number of keys, repeated ones included
 * @throws HttpProblem 422 at the first limit that is passed
 */
export function scanStructure(bytes: Uint8Array, limits: Limits): number {
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at);
    else if (byte === colon) keys = countedKey(keys, limits);
    else if (byte === openBrace || byte === openBracket) depth = deeper(depth, limits);
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
  }
  return keys;
}

/** Most strings are so short that looking for their end costs less than a call out of JavaScript. */
const shortBytes = 48;

function endOfString(bytes: Uint8Array, start: number): number {
  const near = Math.min(bytes.length, start + shortBytes);
  let at = start + 1;
  while (at < near && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at < near ? at : endOfLongString(bytes, at);
}

/** The quote from `start` on that has no backslash, or two, four and so on before it. */
function endOfLongString(bytes: Uint8Array, start: number): number {
  for (let end = bytes.indexOf(quote, start); end !== -1; end = bytes.indexOf(quote, end + 1)) {
    let before = end;
    while (before > start && bytes[before - 1] === backslash) before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
  return bytes.length;
}

function countedKey(keys: number, limits: Limits): number {
  if (keys >= limits.keys) throw tooManyKeys(limits);
  return keys + 1;
}

function deeper(depth: number, limits: Limits): number {
  if (depth >= limits.depth) throw tooDeep(limits);
  return depth + 1;
}

export const tooManyKeys = (limits: Limits) => tooComplex(`more than ${limits.keys} keys`);
export const tooDeep = (limits: Limits) => tooComplex(`more than ${limits.depth} levels`);
