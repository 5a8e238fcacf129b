import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { followsBlankLine, startsPart } from "../text/sentence-boundaries.ts";
import { Trait } from "../text/trait.ts";
import { findBreakOuts } from "./break-out-rules.ts";
import { findLooseHandlers } from "./loose-handlers.ts";
import { judgeTag } from "./tag-rules.ts";
import { readTag } from "./tag.ts";

const maxNames = 1_000;

/**
 * Finds markup and script that a browser would run (CWE-79).
 *
 * Every `<` is read as a tag the way browsers read it, with a bounded length; quotes and schemes are looked at for values that
 * leave an attribute or a string of script.
 */
export function detectMarkup(scan: TextScan, matches: MatchSet): void {
  const { text, traits } = scan;
  const opened = new Set<string>();
  for (let start = text.indexOf("<"); start !== -1; start = text.indexOf("<", start + 1)) {
    if (!matches.spend(start)) break;
    if (isMarkdownEscape(text, start)) continue;
    const at = skipNoise(text, start);
    const tag = readTag(text, at);
    // A long tag is as much work as many short ones.
    if (tag !== undefined && !matches.spend(start, 2 + tag.count * 2 + ((tag.end - at) >> 5))) break;
    if (tag?.isElement === true) {
      judgeTag(tag, text, at, matches);
      if (opened.size < maxNames) opened.add(tag.name);
    } else if (text.charAt(start + 1) === "/") {
      judgeUnopened(text, start, opened, matches);
      judgeClosing(text, start, matches);
    }
  }
  findLooseHandlers(scan, matches);
  if ((traits & Trait.scriptWord) !== 0 && (traits & Trait.quote) !== 0) findBreakOuts(scan, matches);
}

/** Control characters, backslashes and plus signs between `<` and the name, which some filters drop later. */
function skipNoise(text: string, start: number): number {
  let at = start;
  while (at < start + 8 && isNoise(text.charCodeAt(at + 1))) at += 1;
  return at;
}

function isNoise(code: number): boolean {
  return code <= 0x08 || code === 0x2b || code === 0x5c || (code >= 0x200b && code <= 0x200d) || code === 0xfffd;
}

/** Elements whose content a page keeps apart: closing one that the text did not open leaves it. */
const enclosing = new Set("script title textarea style noscript xmp iframe svg math template select noembed noframes html body".split(" "));

function judgeUnopened(text: string, start: number, opened: ReadonlySet<string>, matches: MatchSet): void {
  const name = /^[a-z]+(?=[\s>/])/i.exec(text.slice(start + 2, start + 14))?.[0].toLowerCase() ?? "";
  if (name === "" || opened.has(name)) return;
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
