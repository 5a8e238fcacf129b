import type { CharBuffer } from "./char-buffer.ts";
import { readBackslash } from "./decode-backslash.ts";
import { readEntity } from "./decode-entities.ts";
import { type Escape, readPercent } from "./decode-percent.ts";
import { normaliseWide, isWide } from "./normalise-wide.ts";

const percent = 0x25;
const ampersand = 0x26;
const backslash = 0x5c;

/** Of a long text, what stands this near to an escape is looked at with it, and what stands between two that are not far from each other. */
const margin = 120;
const shortGap = 400;
const longEnoughToCut = 1_600;
const cutMark = "\n~\n";

/** Longer texts with `\n` or `\000` are code, whose strings have many, and not one value; and `%15s` and `%03d` are formats of printf. */
const longestWithControls = 1_000;

/** Escapes that are undone in one layer; a text of 100,000 characters that is nothing but percent escapes has 33,334. */
const maxEscapes = 40_000;
/** Signs that could begin an escape and do not; a text of 100,000 characters of code has a few thousand. */
const maxIdleSigns = 50_000;

/** A text with its escapes undone. */
interface Layer {
  readonly text: string;
  /** Whether there were no more of them than are undone. */
  readonly isWhole: boolean;
}

/**
 * Undoes one layer of encodings; `undefined` when nothing was encoded. `decoded` is room for it. A `+` becomes a space when there was a percent escape.
 *
 * Without `hasWide`, no full-width character is looked for. Of a long text, the surroundings of what was decoded are given, each on lines of its own.
 */
export function decodeOnce(text: string, decoded: CharBuffer, hasWide = true): Layer | undefined {
  const escape: Escape = { code: 0, length: 0 };
  const marks = new Marks(text, hasWide);
  let at = marks.next(0, escape);
  if (at === -1) return marks.isSpent ? { text: "", isWhole: false } : undefined;
  decoded.start(text.length);
  let copied = 0;
  let hasPercent = false;
  let left = maxEscapes;
  while (at !== -1 && left > 0) {
    left -= 1;
    pushBetween(text, copied, at, decoded);
    if (escape.code !== -1) decoded.pushCodePoint(escape.code);
    hasPercent ||= text.charCodeAt(at) === percent;
    copied = at + escape.length;
    at = marks.next(copied, escape);
  }
  pushBetween(text, copied, text.length, decoded);
  const layer = decoded.toString();
  return { text: hasPercent && text.includes("+") ? layer.replaceAll("+", " ") : layer, isWhole: at === -1 && !marks.isSpent };
}

/** Puts the text between two escapes, or, of a long one, what stands near to them. */
function pushBetween(text: string, start: number, end: number, decoded: CharBuffer): void {
  const head = start === 0 ? 0 : margin;
  const tail = end === text.length ? 0 : margin;
  const longest = head > 0 && tail > 0 ? shortGap : margin + cutMark.length;
  if (text.length < longEnoughToCut || end - start <= longest) return decoded.pushPart(text, start, end);
  decoded.pushPart(text, start, start + head);
  decoded.pushPart(cutMark, 0, cutMark.length);
  decoded.pushPart(text, end - tail, end);
}

/** Finds escapes in order; the search for each mark goes over the text once, and fast. */
class Marks {
  readonly #text: string;
  readonly #hasWide: boolean;
  readonly #signs = ["%", "&", "\\"];
  readonly #positions = [-1, -1, -1];
  #idle = 0;

  constructor(text: string, hasWide: boolean) {
    this.#text = text;
    this.#hasWide = hasWide;
  }

  /** Whether there were too many signs to look at them all. */
  get isSpent(): boolean {
    return this.#idle > maxIdleSigns;
  }

  /** The next position with an escape that can be read, or -1. */
  next(from: number, escape: Escape): number {
    const text = this.#text;
    for (let at = this.#nextMark(from); at < text.length; at = this.#nextMark(at + 1)) {
      if (readEscape(text, at, text.charCodeAt(at), escape)) return at;
      this.#idle += 1;
      if (this.#idle > maxIdleSigns) return -1;
    }
    return -1;
  }

  #nextMark(from: number): number {
    if (this.#hasWide) return nextMarkOrWide(this.#text, from);
    let nearest = this.#text.length;
    for (let index = 0; index < this.#signs.length; index += 1) {
      let position = this.#positions[index] ?? 0;
      if (position < from) {
        position = this.#text.indexOf(this.#signs[index] ?? "", from);
        if (position === -1) position = this.#text.length;
        this.#positions[index] = position;
      }
      if (position < nearest) nearest = position;
    }
    return nearest;
  }
}

function nextMarkOrWide(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === percent || code === ampersand || code === backslash || isWide(code)) return at;
  }
  return text.length;
}

function readEscape(text: string, at: number, code: number, escape: Escape): boolean {
  if (!readMarked(text, at, code, escape)) return false;
  if (text.length <= longestWithControls) return true;
  return code === backslash ? escape.code >= 0x20 : !isIdleControl(escape.code);
}

function readMarked(text: string, at: number, code: number, escape: Escape): boolean {
  if (code === percent) return readPercent(text, at, escape);
  if (code === ampersand) return readEntity(text, at, escape);
  if (code === backslash) return readBackslash(text, at, escape);
  return normaliseWide(code, escape);
}

/** A control character that no syntax has a use for. */
function isIdleControl(code: number): boolean {
  return code > 0 && code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d;
}
