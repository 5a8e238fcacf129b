import { isForeignLetter } from "../text/scripts.ts";

/** Something quoted in a sentence: by which sign, and how many letters of the sentence stand on either side. */
export interface Quotation {
  /** A sign of ASCII, `typographic`, or `data` for a value in JSON or code, which quotes what no sentence talks about. */
  readonly sign: string;
  readonly lettersBefore: number;
  readonly lettersAfter: number;
}

/**
 * Signs that begin a quotation, each with those that end it. German ends with the sign that English begins with, Polish with the one that
 * English ends with, Danish turns those of French around, and Finnish has one sign for both.
 */
const endings: ReadonlyMap<string, string> = new Map([
  ["`", "`"],
  ['"', '"'],
  ["'", "'"],
  ["\u201e", "\u201c\u201d"],
  ["\u201c", "\u201d"],
  ["\u201d", "\u201d"],
  ["\u201a", "\u2018\u2019"],
  ["\u2018", "\u2019"],
  ["\u00ab", "\u00bb"],
  ["\u00bb", "\u00ab"],
  ["\u2039", "\u203a"],
  ["\u300c", "\u300d"],
  ["\u300e", "\u300f"],
  ["\u300a", "\u300b"],
]);
const endingsByCode = new Map([...endings].map(([sign, closers]) => [sign.charCodeAt(0), closers]));
const reach = 300;

/** The quotation in a line of a text that holds everything between two positions, as a sentence would quote it. */
export function quotationAround(text: string, start: number, end: number): Quotation | undefined {
  const lead = text.slice(Math.max(0, start - reach), start);
  const from = start - lead.length + lead.lastIndexOf("\n") + 1;
  const line = text.slice(from, end + lengthOfLine(text.slice(end, end + reach)));
  const ends = new Map<string, Ends>();
  for (let at = 0; at <= start - from; at += 1) {
    const closers = closersOf(line.charCodeAt(at));
    if (closers === undefined) continue;
    const sign = line.charAt(at);
    const known = ends.get(closers) ?? findEnds(line, start - from, end - from, closers);
    ends.set(closers, known);
    if (sign === closers) known.left -= 1;
    if (known.close <= at || isLatin(line.charCodeAt(at - 1)) || (at === start - from && sign !== "`")) continue;
    if (isClosed(known, sign, at, closers)) continue;
    return {
      sign: isData(line, at) ? "data" : sign < "\u0080" ? sign : "typographic",
      lettersBefore: countLetters(line, sentenceStart(line.slice(0, at)), at),
      lettersAfter: countLetters(line, known.close + 1, line.length),
    };
  }
  return undefined;
}

/** The signs that end what this one begins. */
function closersOf(code: number): string | undefined {
  return code < 0x80 && code !== 0x22 && code !== 0x27 && code !== 0x60 ? undefined : endingsByCode.get(code);
}

function lengthOfLine(rest: string): number {
  const end = rest.indexOf("\n");
  return end === -1 ? rest.length : end;
}

/** Where quotations of one kind end in a line. */
interface Ends {
  /** The last end after what is looked at, after which a sentence goes on or ends; -1 for none. */
  readonly close: number;
  /** The last end before it. */
  readonly before: number;
  /** How many of these signs there are before it, less those that were seen. */
  left: number;
}

function findEnds(line: string, start: number, end: number, closers: string): Ends {
  let close = lastOf(closers, line, line.length, end);
  while (close !== -1 && !goesOn.test(line.slice(close + 1, close + 5))) close = lastOf(closers, line, close, end);
  const before = lastOf(closers, line, start, 0);
  let left = 0;
  for (let at = before; at !== -1; at = lastOf(closers, line, at, 0)) left += 1;
  return { close, before, left };
}

/** Where the last of one or two signs stands between two positions, or -1. */
function lastOf(signs: string, line: string, end: number, start: number): number {
  const [one, other] = [signs.charCodeAt(0), signs.charCodeAt(signs.length - 1)];
  for (let at = end - 1; at >= start; at -= 1) {
    const code = line.charCodeAt(at);
    if (code === one || code === other) return at;
  }
  return -1;
}

/** A sentence goes on with a space or one of its signs, perhaps after a parenthesis; code with several signs at once. */
const goesOn = /^(?:[)\]]?(?:$|[\s\u0080-\uffff-]|[.?!]{1,3}(?:$|[\s)\]"'`\u0080-\uffff])|[,:](?:$|\s))|;(?:$|\s))/;

/** An apostrophe of code closes nothing; of the other signs that both open and close, every second one does. */
function isClosed({ before, left }: Ends, sign: string, at: number, closers: string): boolean {
  if (sign === "'") return false;
  return sign === closers ? left > 0 && left % 2 === 1 : before > at;
}

/** `"name": "…`, `["…`, `name="…`. */
function isData(line: string, at: number): boolean {
  return /["'\]]\s?[:,]\s?$|[=[{(]\s?$/.test(line.slice(Math.max(0, at - 4), at));
}

/** Where the sentence begins that a text ends in. */
export function sentenceStart(lead: string): number {
  let at = lead.length;
  while (at > 0 && !endsSentence(lead.charCodeAt(at - 1))) at -= 1;
  return at;
}

function endsSentence(code: number): boolean {
  if (code < 0x80) return code === 0x2e || code === 0x3f || code === 0x21 || code === 0x0a;
  return code === 0x3002 || code === 0xff1f || code === 0xff01 || code === 0x61f;
}

/** Letters, digits and the like of languages that part their words. */
function isLatin(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code < 0x250 && isForeignLetter(code));
}

function countLetters(line: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const code = line.charCodeAt(at);
    const lower = code | 0x20;
    if ((lower >= 0x61 && lower <= 0x7a) || isForeignLetter(code)) count += 1;
  }
  return count;
}
