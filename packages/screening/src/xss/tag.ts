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
  /** None where there is no element, which no rule looks at. */
  readonly attributes: readonly Attribute[];
  /** How many attributes were read. */
  readonly count: number;
  /** Behind the last character that was read. */
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
const parts = Uint8Array.from({ length: 256 }, (_, code) => partsOf(code));

function partsOf(code: number): number {
  if (code <= 0x20 || code === 0xa0) return Part.space | Part.separator;
  if (code === 0x22 || code === 0x27) return Part.separator | Part.name | Part.unquoted;
  if (code === 0x2f) return Part.separator | Part.unquoted;
  if (code === 0x3e) return 0;
  return code === 0x3c || code === 0x3d ? Part.unquoted : anyName;
}

/** Reads the tag whose `<` is at a position (HTML, 13.2.5.6 and following); `undefined` when no name follows. */
export function readTag(text: string, start: number): Tag | undefined {
  const limit = Math.min(text.length, start + maxTag);
  const nameEnd = skip(text, start + 1, limit, Part.name);
  if (nameEnd === start + 1) return undefined;
  const name = clean(text.slice(start + 1, nameEnd));
  const isElement = startsElement(name.charCodeAt(0));
  const attributes: Attribute[] = [];
  let count = 0;
  let at = nameEnd;
  for (; at < limit && count < maxAttributes; count += 1) {
    at = skip(text, at, limit, Part.separator);
    const code = text.charCodeAt(at);
    if (at >= limit || code === 0x3e || code === 0x3c) break;
    at = readAttribute(text, at, limit, isElement ? attributes : undefined);
  }
  return { name, isElement, attributes, count, end: at, closed: text.charCodeAt(at) === 0x3e };
}

/** A small letter, or the sign that an instruction, a declaration or a name of old VML begins with. */
function startsElement(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || code === 0x3f || code === 0x21 || code === 0x3a;
}

/** Where the attribute at a position ends, which is added to those that are kept. */
function readAttribute(text: string, start: number, limit: number, kept: Attribute[] | undefined): number {
  const nameEnd = skip(text, start + 1, limit, Part.attributeName);
  const equals = skip(text, nameEnd, limit, Part.space);
  if (text.charCodeAt(equals) !== 0x3d) {
    kept?.push({ name: clean(text.slice(start, nameEnd)), value: "", quoted: false });
    return nameEnd;
  }
  const valueStart = skip(text, equals + 1, limit, Part.space);
  const quote = text.charCodeAt(valueStart);
  const quoted = quote === 0x22 || quote === 0x27 || quote === 0x60;
  const valueEnd = quoted ? endOfQuoted(text, valueStart, limit) : skip(text, valueStart, limit, Part.unquoted);
  kept?.push({ name: clean(text.slice(start, nameEnd)), value: text.slice(quoted ? valueStart + 1 : valueStart, valueEnd), quoted });
  return quoted ? Math.min(valueEnd + 1, limit) : valueEnd;
}

function endOfQuoted(text: string, open: number, limit: number): number {
  const quote = text.charCodeAt(open);
  let at = open + 1;
  while (at < limit && text.charCodeAt(at) !== quote) at += 1;
  return at;
}

function skip(text: string, from: number, limit: number, part: number): number {
  let at = from;
  while (at < limit && (partsAt(text, at) & part) !== 0) at += 1;
  return at;
}

function partsAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 256 ? (parts[code] ?? 0) : anyName;
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
