import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { hasSink, mayBeginSink } from "./script-value.ts";

/** How far a rule looks behind its anchor. */
const reach = 160;
/** The budget of a quote, after which there is mostly nothing to judge. */
const anyQuote = 0.2;

/** What may stand between the quote and the operator, is an operator, or stands between that and a call. */
const closes = 1;
const joins = 2;
const goesOn = 4;
const quotes = 8;
const roles = new Uint8Array(128);
for (const [signs, role] of [
  [" )]}\"'`", closes],
  [";-+*/%|&^?:,=", joins],
  [" ;-+*/%|&^?:,=(!~", goesOn],
  ["\"'`", quotes],
] as const) {
  for (const sign of signs) roles[sign.charCodeAt(0)] = (roles[sign.charCodeAt(0)] ?? 0) | role;
}

function roleOf(code: number): number {
  return code < 128 ? (roles[code] ?? 0) : 0;
}

/** Text that leaves an attribute or a string of script without any tag. */
export function findBreakOuts({ text, units, signs }: TextScan, matches: MatchSet): void {
  for (let index = 0; index < signs.length; index += 1) {
    const at = signs[index] ?? 0;
    if ((roleOf(units[at + 1] ?? 0) & quotes) === 0) continue;
    if (!matches.spend(at, anyQuote)) break;
    if ((roleOf(units[at + 2] ?? 0) & (closes | joins)) !== 0) judgeQuote(text, units, at, matches);
  }
}

/** `';alert(1)//`, `"-alert(1)-"`, `\"+eval(x)+"`: a string of script is closed and a dangerous call follows. */
function judgeQuote(text: string, units: Uint16Array, at: number, matches: MatchSet): void {
  let next = at + 1;
  while (next < at + 8 && (roleOf(units[next + 1] ?? 0) & closes) !== 0) next += 1;
  if ((roleOf(units[next + 1] ?? 0) & joins) === 0) return;
  let behind = next;
  while (behind < next + 6 && (roleOf(units[behind + 1] ?? 0) & goesOn) !== 0) behind += 1;
  matches.spend(at);
  if (!mayBeginSink(units[behind + 1] ?? 0, units[behind + 2] ?? 0)) return;
  const joint = text.charAt(next);
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
