/** An attribute as a browser reads it. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly quoted: boolean;
}

/** An opening tag, tolerant of everything that browsers tolerate. */
export interface Tag {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  /** Behind the last character that was read. */
  readonly end: number;
  /** Whether the `>` was there. */
  readonly closed: boolean;
}

const maxAttributes = 24;
/** Longer tags are cut, so that a row of `<` costs a constant for each. */
const maxTag = 400;

/** Reads the tag whose `<` is at a position (HTML, 13.2.5.6 and following); `undefined` when no name follows. */
export function readTag(text: string, start: number): Tag | undefined {
  const limit = Math.min(text.length, start + maxTag);
  const nameEnd = skipWhile(text, start + 1, limit, isNameCharacter);
  if (nameEnd === start + 1) return undefined;
  const attributes: Attribute[] = [];
  let at = nameEnd;
  while (at < limit && attributes.length < maxAttributes) {
    at = skipWhile(text, at, limit, isSeparator);
    const character = text.charAt(at);
    if (at >= limit || character === ">" || character === "<") break;
    at = readAttribute(text, at, limit, attributes);
  }
  return { name: clean(text.slice(start + 1, nameEnd)), attributes, end: at, closed: text.charAt(at) === ">" };
}

function readAttribute(text: string, start: number, limit: number, attributes: Attribute[]): number {
  const nameEnd = skipWhile(text, start + 1, limit, isAttributeName);
  const name = clean(text.slice(start, nameEnd));
  const equals = skipWhile(text, nameEnd, limit, isSpace);
  if (text.charAt(equals) !== "=") {
    attributes.push({ name, value: "", quoted: false });
    return nameEnd;
  }
  const valueStart = skipWhile(text, equals + 1, limit, isSpace);
  const quote = text.charAt(valueStart);
  const quoted = quote === '"' || quote === "'" || quote === "`";
  const valueEnd = quoted ? endOfQuoted(text, valueStart, limit) : skipWhile(text, valueStart, limit, isUnquoted);
  attributes.push({ name, value: text.slice(quoted ? valueStart + 1 : valueStart, valueEnd), quoted });
  return quoted ? Math.min(valueEnd + 1, limit) : valueEnd;
}

function endOfQuoted(text: string, open: number, limit: number): number {
  const quote = text.charCodeAt(open);
  return skipWhile(text, open + 1, limit, (code) => code !== quote);
}

function skipWhile(text: string, from: number, limit: number, accepts: (code: number) => boolean): number {
  let at = from;
  while (at < limit && accepts(text.charCodeAt(at))) at += 1;
  return at;
}

const isSpace = (code: number): boolean => code <= 0x20 || code === 0xa0;
const isSeparator = (code: number): boolean => isSpace(code) || code === 0x2f || code === 0x22 || code === 0x27;
const isNameCharacter = (code: number): boolean => !isSpace(code) && code !== 0x2f && code !== 0x3e && code !== 0x3c && code !== 0x3d;
const isAttributeName = (code: number): boolean => isNameCharacter(code) && code !== 0x22 && code !== 0x27;
const isUnquoted = (code: number): boolean => !isSpace(code) && code !== 0x3e;

/** Lower case, without the control characters and backslash noise that some parsers drop. */
function clean(name: string): string {
  if (isPlain(name)) return name.toLowerCase();
  // oxlint-disable-next-line no-control-regex -- control characters are the point
  return name.toLowerCase().replaceAll(/[\u0000-\u0020\u007f-\u00a0\ufffd\u200b-\u200d]/g, "");
}

function isPlain(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}
