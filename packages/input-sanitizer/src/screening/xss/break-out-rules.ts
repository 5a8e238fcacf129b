import type { Hits } from "../finding.ts";
import { hasSink } from "./script-value.ts";

/** How far a rule looks behind its anchor. */
const reach = 160;

/** Text that leaves an attribute or a string of script without any tag. */
export function findBreakOuts(text: string, signs: Int32Array, hits: Hits): void {
  for (const at of signs) {
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
  if (!startsWithSink(rest) || (joint === "," && rest.startsWith("function"))) return;
  const breaking = at <= 3 || /[\w)\]}\\]/.test(text.charAt(at - 1)) || /\s/.test(text.charAt(at - 1));
  const tail = /\/\/|<!--|[-+*;,]\s*[({[]{0,3}["'`]/.test(rest);
  hits.add("script-break-out", breaking && (tail || at <= 3) ? 8 : 5, at, behind);
}

function startsWithSink(rest: string): boolean {
  const name = /^[\w$.]{2,40}\s*[([`=]/.exec(rest);
  return name !== null && hasSink(name[0]);
}
