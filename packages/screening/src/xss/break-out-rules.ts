import type { MatchSet } from "../match-set.ts";
import { hasSink } from "./script-value.ts";

/** How far a rule looks behind its anchor. */
const reach = 160;
/** The budget of a quote, behind which there is mostly nothing to judge. */
const anyQuote = 0.2;

/** What may stand between the quote and the operator, is an operator, or stands between that and a call. */
const closes = 1;
const joins = 2;
const goesOn = 4;
const roles = new Uint8Array(128);
for (const [signs, role] of [
  [" )]}\"'`", closes],
  [";-+*/%|&^?:,=", joins],
  [" ;-+*/%|&^?:,=(!~", goesOn],
] as const) {
  for (const sign of signs) roles[sign.charCodeAt(0)] = (roles[sign.charCodeAt(0)] ?? 0) | role;
}

function roleAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (roles[code] ?? 0) : 0;
}

/** Text that leaves an attribute or a string of script without any tag. */
export function findBreakOuts(text: string, signs: Int32Array, matches: MatchSet): void {
  for (const at of signs) {
    const code = text.charCodeAt(at);
    if (code !== 0x22 && code !== 0x27 && code !== 0x60) continue;
    if (!matches.spend(at, anyQuote)) break;
    judgeQuote(text, at, matches);
  }
}

/** `';alert(1)//`, `"-alert(1)-"`, `\"+eval(x)+"`: a string of script is closed and a dangerous call follows. */
function judgeQuote(text: string, at: number, matches: MatchSet): void {
  let next = at + 1;
  while (next < at + 8 && (roleAt(text, next) & closes) !== 0) next += 1;
  if ((roleAt(text, next) & joins) === 0) return;
  const joint = text.charAt(next);
  let behind = next;
  while (behind < next + 6 && (roleAt(text, behind) & goesOn) !== 0) behind += 1;
  matches.spend(at);
  const rest = text.slice(behind, behind + reach);
  if (!startsWithSink(rest) || ((joint === "," || joint === ":") && rest.startsWith("function"))) return;
  const breaking = at <= 3 || /[\w)\]}\\]/.test(text.charAt(at - 1)) || /\s/.test(text.charAt(at - 1));
  const tail = /\/\/|<!--|[-+*;,]\s*[({[]{0,3}["'`]/.test(rest);
  matches.add("script-break-out", breaking && (tail || at <= 3) ? 8 : 5, at, behind);
}

function startsWithSink(rest: string): boolean {
  const name = /^(?:new\s+)?[\w$.]{2,40}\s*[([`=]/i.exec(rest);
  return name !== null && hasSink(name[0]);
}
