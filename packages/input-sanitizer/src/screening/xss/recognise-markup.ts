import { type Hit, Hits } from "../finding.ts";
import { findBreakOuts } from "./break-out-rules.ts";
import { judgeTag } from "./tag-rules.ts";
import { readTag } from "./tag.ts";

/**
 * Finds markup and script that a browser would run (CWE-79).
 *
 * Every `<` is read as a tag the way browsers read it, with a bounded length; quotes and schemes are looked at for values that
 * leave an attribute or a string of script.
 */
export function recogniseMarkup(text: string): Hit[] {
  const hits = new Hits();
  for (let start = text.indexOf("<"); start !== -1; start = text.indexOf("<", start + 1)) {
    const at = skipNoise(text, start);
    const tag = readTag(text, at);
    if (tag !== undefined && /^[a-z?!]/.test(tag.name)) judgeTag(tag, text, at, hits);
    else if (text.charAt(start + 1) === "/") judgeClosing(text, start, hits);
  }
  findBreakOuts(text, hits);
  return hits.list();
}

/** Control characters, backslashes and plus signs between `<` and the name, which some filters drop later. */
function skipNoise(text: string, start: number): number {
  let at = start;
  // oxlint-disable-next-line no-control-regex -- control characters are the point
  while (at < start + 8 && /[\u0000-\u0008\u200b-\u200d\ufffd+\\]/.test(text.charAt(at + 1))) at += 1;
  return at;
}

/** `</textarea><…`, `"></a>`: a closing tag at the very start leaves an element that the text did not open. */
function judgeClosing(text: string, start: number, hits: Hits): void {
  if (!/^[\s"'`>-]*$/.test(text.slice(0, Math.min(start, 12)))) return;
  if (start <= 12 && /^<\/(?:script|title|textarea|style|noscript|xmp|iframe|a|div|math|form)\s*>/i.test(text.slice(start, start + 14))) {
    hits.add("closing-tag", 5, start, start + 3);
  }
}
