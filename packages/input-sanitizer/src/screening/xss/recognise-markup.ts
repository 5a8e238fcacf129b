import { type Hit, Hits } from "../finding.ts";
import { addForms, type Form } from "../rule-table.ts";
import { findBreakOuts } from "./break-out-rules.ts";
import { hasSink } from "./script-value.ts";
import { judgeTag } from "./tag-rules.ts";
import { readTag } from "./tag.ts";

const maxNames = 1_000;

/** Forms that only an attack on a browser has, wherever they stand. */
const forms: readonly Form[] = [
  ["utf-7", 8, /\+A(?:Dw|D4|CI|AiA)[A-Za-z0-9]{0,8}-/, ["+a"]],
  ["script-url", 8, /data:(?:text\/html|image\/svg\+xml|text\/xml)[;,]/i, ["data:"]],
  [
    "directive",
    8,
    /<\?(?:xml-stylesheet|import)\s|<!ATTLIST\s|<xsl:(?:template|value-of|stylesheet)|<\/xsl:/i,
    ["<?", "<!attlist", "xsl:"],
  ],
  ["script-style", 7, /(?:[:=]\s?)expression\s?\\?(?:\(|28)/i, ["expression"]],
  ["polyglot", 8, /<!\[CDATA\[[<>]/i, ["<![cdata["]],
  ["script-entity", 8, /&\{[^}\n]{1,60}\}/, ["&{"]],
  ["spelled-call", 8, /\(!\[\]\+\[\]\)|\[\]\[\(?!?\[\]|\[\]\[["'](?:filter|map|flat|at|constructor)/, ["[]"]],
  ["spelled-call", 7, /String\.fromCharCode\(\s?\d{1,3}\s?,\s?\d{1,3}\s?,\s?\d/i, ["fromcharcode"]],
  ["high-bit-tag", 8, /\u00bc\s?\/?\s?script/i, ["\u00bc"]],
  ["spelled-call", 7, /['"]\s?\+\s?['"]\w{1,12}['"]\s?\]?\(/, ["+"]],
  ["polyglot", 8, /-->\]\]>|<!--\s{0,3}-->\s{0,3}[a-z]{1,12}:/i, ["-->"]],
  [
    "page-access",
    7,
    /document\s{0,3}(?:\/\*[^*]{0,20}\*\/\s{0,3})?\.\s{1,8}cookie|\}\s?=\s?document\b|\.open\(["']get["'],\s?["']\/[^)]{1,60}\);?\s?x?\w{0,8}\.send\(/i,
    ["document", ".open("],
  ],
];

function findForms(text: string, hits: Hits): void {
  if (hasSink(text)) hits.add("script-call", 4, 0, text.length);
  addForms(text, forms, hits);
}

/**
 * Finds markup and script that a browser would run (CWE-79).
 *
 * Every `<` is read as a tag the way browsers read it, with a bounded length; quotes and schemes are looked at for values that
 * leave an attribute or a string of script.
 */
export function recogniseMarkup(text: string): Hit[] {
  const hits = new Hits();
  const opened = new Set<string>();
  for (let start = text.indexOf("<"); start !== -1; start = text.indexOf("<", start + 1)) {
    if (!hits.spend(start, 2)) break;
    const at = skipNoise(text, start);
    const tag = readTag(text, at);
    if (tag !== undefined && /^[a-z?!:]/.test(tag.name)) {
      judgeTag(tag, text, at, hits);
      if (opened.size < maxNames) opened.add(tag.name);
    } else if (text.charAt(start + 1) === "/") {
      judgeUnopened(text, start, opened, hits);
      judgeClosing(text, start, hits);
    }
  }
  findForms(text, hits);
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

/** Elements whose content a page keeps apart: closing one that the text did not open leaves it. */
const enclosing = new Set("script title textarea style noscript xmp iframe svg math template select noembed noframes html body".split(" "));

function judgeUnopened(text: string, start: number, opened: ReadonlySet<string>, hits: Hits): void {
  const name = /^[a-z]+(?=[\s>/])/i.exec(text.slice(start + 2, start + 14))?.[0].toLowerCase() ?? "";
  if (enclosing.has(name) && !opened.has(name)) hits.add("closing-tag", 7, start, start + 2 + name.length);
}

/** `</textarea><…`, `"></a>`: a closing tag at the very start leaves an element that the text did not open. */
function judgeClosing(text: string, start: number, hits: Hits): void {
  if (!/^[\s"'`>-]*$/.test(text.slice(0, Math.min(start, 12)))) return;
  if (start <= 12 && /^<\/(?:script|title|textarea|style|noscript|xmp|iframe|a|div|math|form)\s*>/i.test(text.slice(start, start + 14))) {
    hits.add("closing-tag", 5, start, start + 3);
  }
}
