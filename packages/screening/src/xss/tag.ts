import type { TextScan } from "../scan/text-scan.ts";
import { mayBeJudged } from "./attribute-names.ts";

/** An attribute as a browser reads it. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly quoted: boolean;
}

/** An opening tag, tolerant of everything that browsers tolerate. */
export interface Tag {
  readonly name: string;
  /** Whether a browser makes an element, a comment or an instruction of it. */
  readonly isElement: boolean;
  /** Those that a rule may look at, the first of the tag in any case before them; none where there is no element. */
  readonly attributes: readonly Attribute[];
  /** How many attributes were read. */
  readonly count: number;
  /** After the last character that was read. */
  readonly end: number;
  /** Whether the `>` was there. */
  readonly closed: boolean;
}

const maxAttributes = 24;
/** Longer tags are cut, so that a row of `<` costs a constant for each. */
const maxTag = 400;

/** What a code unit may be: bits, since each loop over characters asks for one of them. */
const Part = { space: 1, separator: 2, name: 4, attributeName: 8, unquoted: 16 } as const;
const anyName = Part.name | Part.attributeName | Part.unquoted;
const parts = Uint8Array.from({ length: 256 }, (_, code) => partsOfByte(code));

function partsOfByte(code: number): number {
  if (code <= 0x20 || code === 0xa0) return Part.space | Part.separator;
  if (code === 0x22 || code === 0x27) return Part.separator | Part.name | Part.unquoted;
  if (code === 0x2f) return Part.separator | Part.unquoted;
  if (code === 0x3e) return 0;
  return code === 0x3c || code === 0x3d ? Part.unquoted : anyName;
}

function partsOf(code: number): number {
  return code < 256 ? (parts[code] ?? 0) : anyName;
}

/** Stands for the first attribute before others that are kept, where no rule looks at it. */
const harmless: Attribute = { name: "", value: "any", quoted: true };

/** Reads tags as browsers do (HTML, 13.2.5.6 and following). */
export class TagReader {
  readonly #text: string;
  readonly #units: Uint16Array;
  /** After what can belong to the tag that is read. */
  #limit = 0;

  constructor({ text, units }: Pick<TextScan, "text" | "units">) {
    this.#text = text;
    this.#units = units;
  }

  /** Reads the tag whose `<` is at a position; `undefined` when no name follows. */
  read(start: number): Tag | undefined {
    const limit = Math.min(this.#text.length, start + maxTag);
    this.#limit = limit;
    const nameEnd = this.#skip(start + 1, Part.name);
    if (nameEnd === start + 1) return undefined;
    const name = clean(this.#text.slice(start + 1, nameEnd));
    const isElement = startsElement(name.charCodeAt(0));
    const attributes: Attribute[] = [];
    let count = 0;
    let at = nameEnd;
    for (; at < limit && count < maxAttributes; count += 1) {
      at = this.#skip(at, Part.separator);
      if (at >= limit || isAngle(this.#codeAt(at))) break;
      at = this.#readAttribute(at, isElement ? attributes : undefined, name === "script", count === 0);
    }
    return { name, isElement, attributes, count, end: at, closed: this.#codeAt(at) === 0x3e };
  }

  /** Where the attribute at a position ends, which is added to those that are kept. */
  #readAttribute(start: number, kept: Attribute[] | undefined, keepsAll: boolean, isFirst: boolean): number {
    const nameEnd = this.#skip(start + 1, Part.attributeName);
    const equals = this.#skip(nameEnd, Part.space);
    const hasValue = this.#codeAt(equals) === 0x3d;
    const open = hasValue ? this.#skip(equals + 1, Part.space) : nameEnd;
    const quoted = hasValue && isQuote(this.#codeAt(open));
    const from = quoted ? open + 1 : open;
    const to = !hasValue ? from : quoted ? this.#endOfQuoted(open) : this.#skip(open, Part.unquoted);
    if (kept !== undefined && (keepsAll || (isFirst && from === to) || mayBeJudged(this.#units, start, nameEnd))) {
      if (!isFirst && kept.length === 0) kept.push(harmless);
      kept.push({ name: clean(this.#text.slice(start, nameEnd)), value: this.#text.slice(from, to), quoted });
    }
    return quoted ? Math.min(to + 1, this.#limit) : to;
  }

  #endOfQuoted(open: number): number {
    const quote = this.#codeAt(open);
    let at = open + 1;
    while (at < this.#limit && this.#codeAt(at) !== quote) at += 1;
    return at;
  }

  #skip(from: number, part: number): number {
    let at = from;
    while (at < this.#limit && (partsOf(this.#codeAt(at)) & part) !== 0) at += 1;
    return at;
  }

  /** The code unit at a position, which is one further on. */
  #codeAt(at: number): number {
    return this.#units[at + 1] ?? 0;
  }
}

/** A small letter, or the sign that an instruction, a declaration or a name of old VML begins with. */
function startsElement(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || code === 0x3f || code === 0x21 || code === 0x3a;
}

function isAngle(code: number): boolean {
  return code === 0x3e || code === 0x3c;
}

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27 || code === 0x60;
}

/** Lower case, without the control characters and backslash noise that some parsers drop. */
function clean(name: string): string {
  let hasCapital = false;
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return withoutNoise(name.toLowerCase());
    if (code >= 0x41 && code <= 0x5a) hasCapital = true;
  }
  return hasCapital ? name.toLowerCase() : name;
}

function withoutNoise(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are the point
  return name.replaceAll(/[\u0000-\u0020\u007f-\u00a0\ufffd\u200b-\u200d]/g, "");
}
