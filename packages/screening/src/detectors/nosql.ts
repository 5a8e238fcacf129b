import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";

const condition = /['"]\s{0,4}(?:\|\||&&)\s{0,4}(?:['"]?\w{0,20}['"]?\s{0,4}[=!]==?|this\.|true|1\s*[=/])/y;
const statement =
  /['"]?\s{0,4}[;}]\s{0,4}(?:return\s+(?:true|this\.|1|'')|var \w{1,40}\s?=\s?new Date|sleep\(|while\s?\(\s?(?:true|1)\s?\)|do\s?\{)/y;

/** Quotes, and what may follow one: a sign that goes on, or space before it. Most quotes are passed by with one look at both. */
const quotes = new Uint8Array(128);
const leads = Uint8Array.from({ length: 128 }, (_, code) => (code <= 0x20 ? 1 : 0));
for (const quote of "'\"") quotes[quote.charCodeAt(0)] = 1;
for (const sign of "|&;}") leads[sign.charCodeAt(0)] = 1;

/**
 * Finds script that continues a query of a document database after a string (CWE-943): `' || 'a'=='a`,
 * `'; return true; var x='`, `' && this.password.match(/x/)//`.
 *
 * Keys that begin with `$` in the document itself are refused before screening.
 */
export function detectNoSql({ text, units, signs }: TextScan, matches: MatchSet): void {
  const last = text.length;
  for (let index = 0; index < signs.length; index += 1) {
    const at = signs[index] ?? 0;
    const next = units[at + 2] ?? 0;
    if (next > 0x7f || ((quotes[units[at + 1] ?? 0] ?? 0) & (leads[next] ?? 0)) === 0) continue;
    const joint = skipSpace(units, at + 2, last);
    const sign = units[joint];
    if (sign !== 0x7c && sign !== 0x26 && sign !== 0x3b && sign !== 0x7d) continue;
    if (!matches.spend(at)) break;
    if (sign === 0x7c || sign === 0x26) {
      if (units[joint + 1] === sign && matchesAt(condition, text, at)) matches.add("script-condition", 8, at, at + 4);
    } else if (mayBeginStatement(units[skipSpace(units, joint + 1, last)] ?? 0) && matchesAt(statement, text, at)) {
      matches.add("script-statement", 7, at, at + 4);
    }
  }
}

/** Where the space from a position on ends, as far as anybody looks; positions are those of code units, up to the last of the text. */
function skipSpace(units: Uint16Array, from: number, last: number): number {
  let at = from;
  while (at < from + 4 && at <= last && (units[at] ?? 0) <= 0x20) at += 1;
  return at;
}

/** Nearly all quotes before a semicolon end a command, after which there is none of these letters, or space beyond ASCII. */
function mayBeginStatement(code: number): boolean {
  return code === 0x72 || code === 0x76 || code === 0x73 || code === 0x77 || code === 0x64 || code > 0x7f;
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}
