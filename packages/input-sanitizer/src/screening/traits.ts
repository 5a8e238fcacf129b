import { Trait } from "./trait.ts";
import { wordTraits } from "./trigger-words.ts";

const table = new Uint32Array(128);
const mark = (characters: string, traits: number): void => {
  for (const character of characters) table[character.charCodeAt(0)] = (table[character.charCodeAt(0)] ?? 0) | traits;
};
mark('"`', Trait.quote);
mark("`", Trait.backtick);
mark("=<>", Trait.comparison);
mark(";", Trait.semicolon);
mark("#", Trait.comment);
mark("<", Trait.angle);
mark("|&$", Trait.shell);
mark("\n\r", Trait.newline);
mark("/\\", Trait.slash);
mark("{[", Trait.brace);
mark("@", Trait.at | Trait.brace);
mark("$", Trait.dollar);
mark("%", Trait.percent | Trait.dots);
mark("&", Trait.entity);
mark("\\", Trait.backslash);
mark("|&+", Trait.sign);

/** One pass over the code units: the table for signs, the trigger words for words, and neighbours where one sign is not enough. */
export function traitsOf(text: string): number {
  let traits = 0;
  let hash = 0;
  let joint = false;
  let opened = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const letter = code | 0x20;
    if (letter >= 0x61 && letter <= 0x7a) {
      hash = (Math.imul(hash, 31) + letter) | 0;
      continue;
    }
    if (hash !== 0) {
      const found = wordTraits(hash, code);
      traits |= found;
      joint = (found & Trait.sqlJoint) !== 0;
      hash = 0;
    }
    if (code === 0x20) continue;
    if (code === 0x28) opened = true;
    else if (code === 0x29 && !opened) traits |= Trait.call;
    if (code < 0x30 || code > 0x39)
      traits |= code < 128 ? (table[code] ?? 0) | neighbourTraits(text, at, code) : code > 0x2000 ? Trait.wide : 0;
    else if (joint) traits |= Trait.sqlWord;
    joint = false;
  }
  if (hash !== 0) traits |= wordTraits(hash, 0x20);
  if (traits & Trait.semicolon && traits & Trait.sqlVerb) traits |= Trait.sqlWord;
  if (text.includes("rO0AB") || text.includes("0x2") || text.includes("ced0005") || text.includes("AAU") || text.includes("7QAF"))
    traits |= Trait.serialised | Trait.dots;
  return traits;
}

/** Signs that mean something with their neighbours only. */
function neighbourTraits(text: string, at: number, code: number): number {
  if (code === 0x27) return apostropheTraits(text, at);
  if (code === 0x3f) return text.charCodeAt(at + 1) > 0x20 ? Trait.shell : 0;
  if (code === 0x40) return text.charCodeAt(at + 1) === 0x40 ? Trait.comment : 0;
  if (code === 0x28) return isSpace(text.charCodeAt(at - 1)) && isLetter(text.charCodeAt(at + 1)) ? 0 : Trait.call;
  if (code === 0x2d) return text.charCodeAt(at + 1) === 0x2d ? Trait.comment : 0;
  if (code === 0x2e) return text.charCodeAt(at + 1) === 0x2e ? Trait.dots : 0;
  if (code === 0x2a) return text.charCodeAt(at - 1) === 0x2f || text.charCodeAt(at + 1) === 0x28 ? Trait.comment | Trait.call : 0;
  return 0;
}

/** Nothing for `don't`; `c''at` and `w'h'o` are what shells make of it. */
function apostropheTraits(text: string, at: number): number {
  const next = text.charCodeAt(at + 1);
  if (next === 0x27 || (isLetter(next) && text.charCodeAt(at + 2) === 0x27)) return Trait.quote | Trait.shell;
  return isLetter(text.charCodeAt(at - 1)) && isLetter(next) ? 0 : Trait.quote;
}

function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}

/** Space, or before the start. */
function isSpace(code: number): boolean {
  return code <= 0x20 || Number.isNaN(code);
}
