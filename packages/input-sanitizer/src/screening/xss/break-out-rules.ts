import type { Hits } from "../finding.ts";
import { hasSink, isScriptUrl } from "./script-value.ts";
import { isHandlerName } from "./tag-rules.ts";

/** How far a rule looks behind its anchor. */
const reach = 160;

/** Text that leaves an attribute or a string of script without any tag. */
export function findBreakOuts(text: string, hits: Hits): void {
  findScriptUrls(text, hits);
  findLooseHandlers(text, hits);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 0x22 && code !== 0x27 && code !== 0x60) continue;
    if (!hits.spend(at)) break;
    judgeQuote(text, at, hits);
  }
}

/** `';alert(1)//`, `"-alert(1)-"`, `\"+eval(x)+"`: a string of script is closed and a dangerous call follows. */
function judgeQuote(text: string, at: number, hits: Hits): void {
  let next = at + 1;
  while (next < at + 8 && " )]}\"'`".includes(text.charAt(next)) && text.charAt(next) !== "") next += 1;
  const joint = text.charAt(next);
  if (joint === "" || !";-+*/%|&^?:,=".includes(joint)) return;
  let behind = next;
  while (behind < next + 6 && " ;-+*/%|&^?:,=(!~".includes(text.charAt(behind)) && text.charAt(behind) !== "") behind += 1;
  const rest = text.slice(behind, behind + reach);
  if (!startsWithSink(rest)) return;
  const breaking = at <= 3 || /[\w)\]}\\]/.test(text.charAt(at - 1)) || /\s/.test(text.charAt(at - 1));
  const tail = /\/\/|<!--|[-+*;,]\s*\(?["'`]/.test(rest);
  hits.add("script-break-out", breaking && (tail || at <= 3) ? 8 : 5, at, behind);
}

function startsWithSink(rest: string): boolean {
  const name = /^[\w$.]{2,40}\s*[([`=]/.exec(rest);
  return name !== null && hasSink(name[0]);
}

/** ` onerror=alert(1)` outside a tag, as it is put behind the closing quote of an attribute. */
function findLooseHandlers(text: string, hits: Hits): void {
  const handler = /(^|[\s"'`/])(on[a-z]{3,24})\s{0,4}=\s{0,4}/gi;
  for (const match of text.matchAll(handler)) {
    if (!hits.spend(match.index)) break;
    const [whole, before = "", name = ""] = match;
    const value = text.slice(match.index + whole.length, match.index + whole.length + reach).replace(/^["'`]/, "");
    if (!isHandlerName(name.toLowerCase())) continue;
    const afterQuote = /["'`]\s*$/.test(text.slice(Math.max(0, match.index - 6), match.index + before.length));
    const runs = hasSink(value.slice(0, 40)) || isScriptUrl(value) || value.startsWith(";");
    hits.add("loose-handler", runs || afterQuote ? 7 : 4, match.index, match.index + whole.length);
  }
}

/** `javascript:alert(1)` by itself or as a value. */
function findScriptUrls(text: string, hits: Hits): void {
  const scheme = /(?:java|vb|live)\s?script\s?:/gi;
  for (const match of text.matchAll(scheme)) {
    if (!hits.spend(match.index)) break;
    const behind = text.slice(match.index + match[0].length, match.index + match[0].length + reach);
    if (/^\s|^$/.test(behind)) continue;
    hits.add(
      "script-url",
      hasSink(behind.slice(0, 40)) || /^(?:\/\/|%|\w+[(`]|["'[\\])/.test(behind) ? 7 : 5,
      match.index,
      match.index + match[0].length,
    );
  }
}
