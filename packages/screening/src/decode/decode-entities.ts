import type { Escape } from "./decode-percent.ts";
import { hexDigit } from "./hex.ts";

/** The named character references (HTML, 13.5) that stand for characters with a meaning in some syntax. */
const named: ReadonlyMap<string, string> = new Map(
  Object.entries({
    lt: "<",
    gt: ">",
    amp: "&",
    quot: '"',
    apos: "'",
    colon: ":",
    lpar: "(",
    rpar: ")",
    sol: "/",
    bsol: "\\",
    semi: ";",
    equals: "=",
    lbrace: "{",
    lcub: "{",
    rcub: "}",
    grave: "`",
    num: "#",
    dollar: "$",
    percnt: "%",
    period: ".",
    vert: "|",
    tab: "\t",
    newline: "\n",
    nbsp: " ",
  }),
);

const longestName = 8;
const maxDigits = 10;
const hash = 0x23;
const semicolon = 0x3b;

/**
 * Reads the HTML character reference at an `&`, with or without its semicolon, as browsers do.
 *
 * @returns whether there was one; it is put into `escape`
 */
export function readEntity(text: string, at: number, escape: Escape): boolean {
  return text.charCodeAt(at + 1) === hash ? readNumber(text, at, escape) : readName(text, at, escape);
}

function readNumber(text: string, at: number, escape: Escape): boolean {
  const hexadecimal = (text.charCodeAt(at + 2) | 0x20) === 0x78;
  const start = at + (hexadecimal ? 3 : 2);
  let end = start;
  let code = 0;
  for (let digit = hexDigit(text.charCodeAt(end)); end < start + maxDigits; digit = hexDigit(text.charCodeAt(end))) {
    if (digit === -1 || (!hexadecimal && digit > 9)) break;
    code = code * (hexadecimal ? 16 : 10) + digit;
    end += 1;
  }
  if (end === start) return false;
  escape.code = code === 0 || code > 0x10_ffff ? 0xfffd : code;
  escape.length = end - at + (text.charCodeAt(end) === semicolon ? 1 : 0);
  return true;
}

function readName(text: string, at: number, escape: Escape): boolean {
  let end = at + 1;
  while (end <= at + longestName && isLetter(text.charCodeAt(end))) end += 1;
  if (end < at + 3) return false;
  const character = named.get(text.slice(at + 1, end).toLowerCase());
  if (character === undefined) return false;
  escape.code = character.charCodeAt(0);
  escape.length = end - at + (text.charCodeAt(end) === semicolon ? 1 : 0);
  return true;
}

function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}
