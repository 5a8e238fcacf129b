import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";

const condition = /['"]\s{0,4}(?:\|\||&&)\s{0,4}(?:['"]?\w{0,20}['"]?\s{0,4}[=!]==?|this\.|true|1\s*[=/])/y;
const statement =
  /['"]?\s{0,4}[;}]\s{0,4}(?:return\s+(?:true|this\.|1|'')|var \w{1,40}\s?=\s?new Date|sleep\(|while\s?\(\s?(?:true|1)\s?\)|do\s?\{)/y;

/**
 * Finds script that continues a query of a document database behind a string (CWE-943): `' || 'a'=='a`,
 * `'; return true; var x='`, `' && this.password.match(/x/)//`.
 *
 * Keys that begin with `$` in the document itself are refused before screening.
 */
export function detectNoSql({ text, signs }: TextScan, matches: MatchSet): void {
  for (const at of signs) {
    const code = text.charCodeAt(at);
    if (code !== 0x27 && code !== 0x22) continue;
    const sign = signBehind(text, at + 1);
    if (sign !== 0x7c && sign !== 0x26 && sign !== 0x3b && sign !== 0x7d) continue;
    if (!matches.spend(at)) break;
    condition.lastIndex = at;
    statement.lastIndex = at;
    if (condition.test(text)) matches.add("script-condition", 8, at, at + 4);
    else if (statement.test(text)) matches.add("script-statement", 7, at, at + 4);
  }
}

function signBehind(text: string, from: number): number {
  let at = from;
  while (at < from + 4 && text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at);
}
