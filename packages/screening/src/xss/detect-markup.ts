import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { followsBlankLine, startsPart } from "../text/sentence-boundaries.ts";
import { Trait } from "../text/trait.ts";
import { findBreakOuts } from "./break-out-rules.ts";
import { findLooseHandlers, isLetter } from "./loose-handlers.ts";
import { NoisyEquals } from "./noisy-equals.ts";
import { judgeTag } from "./tag-rules.ts";
import { TagReader } from "./tag.ts";

const maxNames = 1_000;

/**
 * Finds markup and script that a browser would run (CWE-79).
 *
 * Every `<` is read as a tag the way browsers read it, with a bounded length; quotes and schemes are looked at for values that
 * leave an attribute or a string of script.
 */
export function detectMarkup(scan: TextScan, matches: MatchSet): void {
  const { text, units, signs, traits } = scan;
  const reader = new TagReader(scan);
  const equals = new NoisyEquals(text);
  const opened = new Set<string>();
  for (let index = 0; index < signs.length; index += 1) {
    const start = signs[index] ?? 0;
    if (units[start + 1] !== 0x3c) continue;
    if (!matches.spend(start)) break;
    if (isMarkdownEscape(text, start)) continue;
    const at = skipNoise(units, start);
    const tag = reader.read(at);
    // A long tag is as much work as many short ones.
    if (tag !== undefined && !matches.spend(start, 2 + tag.count * 2 + ((tag.end - at) >> 5))) break;
    if (tag?.isElement === true) {
      judgeTag(tag, text, at, equals, matches);
      if (opened.size < maxNames) opened.add(tag.name);
    } else if (units[start + 2] === 0x2f) {
      judgeUnopened(text, units, start, opened, matches);
      judgeClosing(text, start, matches);
    }
  }
  findLooseHandlers(scan, matches);
  if ((traits & Trait.scriptWord) !== 0 && (traits & Trait.quote) !== 0) findBreakOuts(scan, matches);
}

/** Control characters, backslashes and plus signs between `<` and the name, which some filters drop later. */
function skipNoise(units: Uint16Array, start: number): number {
  let at = start;
  while (at < start + 8 && isNoise(units[at + 2] ?? 0)) at += 1;
  return at;
}

function isNoise(code: number): boolean {
  return code <= 0x08 || code === 0x2b || code === 0x5c || (code >= 0x200b && code <= 0x200d) || code === 0xfffd;
}

/** A longer name is none of an element. */
const longestClosed = 12;

/** Elements whose content a page keeps apart: closing one that the text did not open leaves it. */
const enclosing = new Set("script title textarea style noscript xmp iframe svg math template select noembed noframes html body".split(" "));

function judgeUnopened(text: string, units: Uint16Array, start: number, opened: ReadonlySet<string>, matches: MatchSet): void {
  const from = start + 2;
  let end = from;
  while (end < from + longestClosed && isLetter(units[end + 1] ?? 0)) end += 1;
  if (end === from || end === from + longestClosed || (units[end + 1] !== 0x3e && !/[\s/]/.test(text.charAt(end)))) return;
  const name = text.slice(from, end).toLowerCase();
  if (opened.has(name)) return;
  const starts = enclosing.has(name) || (startsPart(text, start) && !followsBlankLine(text, start));
  if (starts) matches.add("closing-tag", 7, start, start + 2 + name.length);
}

/** `</textarea><…`, `"></a>`: a closing tag at the very start leaves an element that the text did not open. */
function judgeClosing(text: string, start: number, matches: MatchSet): void {
  if (start > 12 || !/^[\s"'`>-]*$/.test(text.slice(0, start))) return;
  if (/^<\/(?:script|title|textarea|style|noscript|xmp|iframe|a|div|math|form)\s*>/i.test(text.slice(start, start + 14))) {
    matches.add("closing-tag", 5, start, start + 3);
  }
}

/** `\\<object\\>`: Markdown that shows the signs. */
function isMarkdownEscape(text: string, start: number): boolean {
  return text.charCodeAt(start - 1) === 0x5c && /^<\w{1,20}\\>/.test(text.slice(start, start + 24));
}
