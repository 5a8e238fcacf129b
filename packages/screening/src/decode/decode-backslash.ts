import type { Escape } from "./decode-percent.ts";
import { hexAt, hexDigit } from "./hex.ts";

/**
 * Reads `\u0041`, `\u{41}`, `\x41`, `\101`, `\n`, `\r`, `\t` and `\0` as JavaScript, Python and C do. The last stands for nothing.
 *
 * @returns whether there was one; it is put into `escape`, with code -1 for nothing
 */
export function readBackslash(text: string, at: number, escape: Escape): boolean {
  const kind = text.charCodeAt(at + 1);
  const letter = kind | 0x20;
  if (letter === 0x75) return text.charCodeAt(at + 2) === 0x7b ? readBraced(text, at, escape) : readDigits(text, at, 4, escape);
  if (letter === 0x78) return readDigits(text, at, 2, escape);
  if (kind >= 0x30 && kind <= 0x33 && isOctal(text.charCodeAt(at + 2)) && isOctal(text.charCodeAt(at + 3))) {
    return found(escape, (kind - 0x30) * 64 + (text.charCodeAt(at + 2) - 0x30) * 8 + text.charCodeAt(at + 3) - 0x30, 4);
  }
  if (kind === 0x6e || kind === 0x72) return found(escape, 0x0a, 2);
  if (kind === 0x74) return found(escape, 0x09, 2);
  return kind === 0x30 && found(escape, -1, 2);
}

function readDigits(text: string, at: number, digits: number, escape: Escape): boolean {
  const code = hexAt(text, at + 2, digits);
  return code !== -1 && found(escape, code, digits + 2);
}

function readBraced(text: string, at: number, escape: Escape): boolean {
  let code = 0;
  let end = at + 3;
  for (let digit = hexDigit(text.charCodeAt(end)); digit !== -1 && end < at + 11; digit = hexDigit(text.charCodeAt(end))) {
    code = code * 16 + digit;
    end += 1;
  }
  if (end === at + 3 || text.charCodeAt(end) !== 0x7d) return false;
  return found(escape, code > 0x10_ffff ? 0xfffd : code, end - at + 1);
}

function isOctal(code: number): boolean {
  return code >= 0x30 && code <= 0x37;
}

function found(escape: Escape, code: number, length: number): true {
  escape.code = code;
  escape.length = length;
  return true;
}
