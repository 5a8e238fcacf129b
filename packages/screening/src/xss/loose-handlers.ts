import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { startsSentence } from "../text/sentence-boundaries.ts";
import { hasSink, isScriptUrl } from "./script-value.ts";

const reach = 160;
const longestName = 26;
/** The budget of a sign with no handler before it: little, but a text may be nothing else. */
const anySign = 0.1;
const anyHandler = 4;
/** The score of a handler that runs something. */
const highest = 7;

/** ` onerror=alert(1)` outside a tag, as it is put after the closing quote of an attribute. */
export function findLooseHandlers({ text, units }: TextScan, matches: MatchSet): void {
  for (let at = text.indexOf("="); at !== -1 && !matches.has("loose-handler", highest); at = text.indexOf("=", at + 1)) {
    const start = startOfHandler(units, at);
    if (!matches.spend(at, start === -1 ? anySign : anyHandler)) break;
    if (start === -1) continue;
    judgeHandler(text, start, at + 1, matches);
  }
}

/** Where a word that begins with `on` starts before this `=`, or -1. */
function startOfHandler(units: Uint16Array, equals: number): number {
  // The code unit at a position is one further on.
  let end = equals;
  while (end > 0 && end > equals - 5 && (units[end] ?? 0) <= 0x20) end -= 1;
  let start = end;
  while (start > end - longestName && isLetter(units[start] ?? 0)) start -= 1;
  if (end - start < 5 || ((units[start + 1] ?? 0) | 0x20) !== 0x6f || ((units[start + 2] ?? 0) | 0x20) !== 0x6e) return -1;
  return start === 0 || " \t\n\r\f\"'`/".includes(String.fromCharCode(units[start] ?? 0)) ? start : -1;
}

function judgeHandler(text: string, start: number, behind: number, matches: MatchSet): void {
  const value = text
    .slice(behind, behind + reach)
    .trimStart()
    .replace(/^["'`]/, "");
  const afterQuote = /["'`]\s*$/.test(text.slice(Math.max(0, start - 6), start)) && !isInOwnTag(text, start);
  const runs = hasSink(value.slice(0, 40)) || isScriptUrl(value) || value.startsWith(";");
  const calls = runs || afterQuote || (/^[\w$.]{1,40}[(`]/.test(value) && startsSentence(text, start));
  matches.add("loose-handler", calls ? highest : 4, start, behind);
}

/** A tag that the text itself opens: the quote before the handler ends an attribute of it, and of no page around. */
function isInOwnTag(text: string, at: number): boolean {
  const lead = text.slice(Math.max(0, at - reach), at);
  const open = lead.lastIndexOf("<");
  return open !== -1 && /^<[a-z][\w-]*\s[^<>]*$/i.test(lead.slice(open));
}

export function isLetter(code: number): boolean {
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}
