import { CharBuffer } from "./char-buffer.ts";
import { readBackslash } from "./decode-backslash.ts";
import { readEntity } from "./decode-entities.ts";
import { type Escape, readPercent } from "./decode-percent.ts";
import { foldWide } from "./fold-wide.ts";
import { Trait } from "./trait.ts";
import { traitsOf } from "./traits.ts";

const maxLayers = 4;
const encodings = Trait.percent | Trait.entity | Trait.backslash | Trait.wide;

/**
 * The text with its encodings undone once, twice, up to four times, as far as each step changes something.
 *
 * A step never makes a text longer, so the work is linear.
 */
export function decodedLayers(text: string, traits: number): string[] {
  const layers: string[] = [];
  let current = text;
  let currentTraits = traits;
  while (layers.length < maxLayers && (currentTraits & encodings) !== 0) {
    const decoded = decodeOnce(current);
    if (decoded === undefined) break;
    layers.push(decoded);
    current = decoded;
    currentTraits = traitsOf(decoded);
  }
  return layers;
}

const percent = 0x25;
const ampersand = 0x26;
const backslash = 0x5c;
const plus = 0x2b;

/** One pass; `undefined` when nothing was encoded. A `+` becomes a space when there was a percent escape. */
function decodeOnce(text: string): string | undefined {
  const escape: Escape = { code: 0, length: 0 };
  let at = findEscape(text, 0, escape);
  if (at === -1) return undefined;
  const decoded = new CharBuffer(text.length);
  let copied = 0;
  let hasPercent = false;
  while (at !== -1) {
    for (let index = copied; index < at; index += 1) decoded.push(text.charCodeAt(index));
    if (escape.code !== -1) decoded.pushCodePoint(escape.code);
    hasPercent ||= text.charCodeAt(at) === percent;
    copied = at + escape.length;
    at = findEscape(text, copied, escape);
  }
  for (let index = copied; index < text.length; index += 1) decoded.push(text.charCodeAt(index));
  return hasPercent && text.includes("+", 0) ? decoded.toString().replaceAll(String.fromCharCode(plus), " ") : decoded.toString();
}

/** The next place with an escape that can be read, or -1. */
function findEscape(text: string, from: number, escape: Escape): number {
  for (let at = from; at < text.length; at += 1) if (readEscape(text, at, escape)) return at;
  return -1;
}

function readEscape(text: string, at: number, escape: Escape): boolean {
  const code = text.charCodeAt(at);
  if (code === percent) return readPercent(text, at, escape);
  if (code === ampersand) return readEntity(text, at, escape);
  if (code === backslash) return readBackslash(text, at, escape);
  return code > 0x2000 && foldWide(code, escape);
}
