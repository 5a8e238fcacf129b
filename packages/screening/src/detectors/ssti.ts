import type { MatchSet } from "../match-set.ts";
import type { TextScan } from "../scan/text-scan.ts";
import { Trait } from "../text/trait.ts";

/** What closes an expression, by what opens it: delimiters of template languages and of expression languages in them. */
const delimiters: ReadonlyMap<string, string> = new Map([
  ["{{", "}}"],
  ["{%", "%}"],
  ["${", "}"],
  ["#{", "}"],
  ["*{", "}"],
  ["@{", "}"],
  ["<%", "%>"],
  ["[#", "]"],
  ["[=", "]"],
  ["[[", "]]"],
  ["~{", "}"],
  ["%{", "}"],
  ["$[", "]"],
  ["{#", "#}"],
  ["<#", ">"],
  ["{=", "}"],
  ["@(", ")"],
  ["}{", "}"],
  [">{", "}"],
  ["#s", ")"],
  ["#i", ")"],
  ["#f", ")"],
]);
/** A row for each first sign of an opening, with the second ones; row 0 is for all other signs. */
const rows = new Uint8Array(128);
const openings = new Uint8Array(128 * (delimiters.size + 1));
for (const [index, open] of [...delimiters.keys()].entries()) {
  const row = rows[open.charCodeAt(0)] || index + 1;
  rows[open.charCodeAt(0)] = row;
  openings[row * 128 + open.charCodeAt(1)] = 1;
}

/** What the name of a variable and what shells put after it is made of, with no sign that anything computes with. */
const inVariable = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) if (/[\w :=#%/!@^~-]/.test(String.fromCharCode(code))) inVariable[code] = 1;

const maxExpression = 400;
const directive = /^#(?:set|include|foreach|if)\s?\(/;

/**
 * Finds template expressions that compute, reach for the objects of the server, or run something (CWE-1336).
 *
 * `{{ name }}` alone is what people ask about; it counts under the strict profile only.
 */
export function detectTemplates({ text, units, signs, traits }: TextScan, matches: MatchSet): void {
  const computes = (traits & Trait.templateWord) !== 0;
  for (let index = 0; index < signs.length; index += 1) {
    const at = signs[index] ?? 0;
    const code = units[at + 1] ?? 0;
    const next = units[at + 2] ?? 0;
    if (next > 127 || openings[(rows[code] ?? 0) * 128 + next] !== 1) continue;
    const open = text.slice(at, at + 2);
    if (next > 0x60 && next < 0x7b && !directive.test(text.slice(at, at + 12))) continue;
    if (!matches.spend(at)) break;
    const close = open === "${" || open === "#{" ? endOfVariable(units, at + 3) - 1 : -1;
    if (close < 0) judgeExpression(text, at, open, computes, matches);
    else judgeVariable(text, at, close, computes, matches);
  }
}

/** Where the brace after a variable is, or 0 for any other expression. */
function endOfVariable(units: Uint16Array, start: number): number {
  if (!isNameStart(units[start] ?? 0)) return 0;
  let at = start + 1;
  while (at < start + maxExpression && inVariable[units[at] ?? 0] === 1) at += 1;
  return units[at] === 0x7d ? at : 0;
}

function isNameStart(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || code === 0x5f;
}

/** `${name}`, `${name:-default}`: all that can be dangerous in it is a name. */
function judgeVariable(text: string, at: number, close: number, named: boolean, matches: MatchSet): void {
  const score = named && names.test(text.slice(at + 2, close)) ? 8 : 4;
  matches.add(ruleOf(score), score, at, close);
}

function judgeExpression(text: string, at: number, open: string, named: boolean, matches: MatchSet): void {
  const start = at + 2;
  // Up to the next opening only: nested expressions are read by themselves, and no character is read twice.
  const next = text.slice(start, start + maxExpression).indexOf(open);
  const window = text.slice(start, next === -1 ? start + maxExpression : start + next);
  const end = window.indexOf(delimiters.get(open) ?? "");
  const expression = end === -1 ? window : window.slice(0, end);
  // The brace that closes may also be the first half of the next opening.
  const closed = end !== -1 || (open === "}{" && next !== -1) || (open === "{{" && expression.includes("}"));
  const mayCount = closed || !rarely.has(open);
  const dangerous = mayCount && named && reachesInterpreter(directiveOpens(open) ? window : expression);
  const score = mayCount ? scoreExpression(open, expression, closed, dangerous) : 0;
  if (score > 0) matches.add(ruleOf(score), score, at, start + expression.length);
}

/** `#set(…)` and its like. */
function directiveOpens(open: string): boolean {
  return open.startsWith("#") && open !== "#{";
}

function ruleOf(score: number): string {
  return score >= 8 ? "dangerous-expression" : score >= 7 ? "computed-expression" : "expression";
}

/** Ways to the interpreter that no template of a page needs: what is enough by itself. */
const names =
  /__(?:class|mro|base|bases|subclasses|globals|builtins|import|init|dict|getattribute)__|mainmodule|child_process|getruntime|processbuilder|freemarker|classloader|urlclass|beanutils|cycler|lipsum|joiner|registerundefined|subclasses|assign ex|lookup|servletcontext|facescontext|getfilter|secret_key|get_flashed_messages|getresource|jndi:|^\s*(?:(?:config|_self|self|debug)\s*$|\/?php\b(?![,|])|(?:include|import|extends)\s*["'](?:\/|\.\.))/i;

/** A sign that each of the other ways has. */
const joint = /[(),.|?]/;
const ways = [
  /getclass\(|forname\(|\.constructor|require\(|process\.(?:env|binding)/i,
  /(?:^|\W)(?:eval|exec|execsync|spawnsync|popen|pclose|passthru|shell_exec|system|getattr|base64_decode|call_user_func|file_get_contents|file_put_contents)["']?\s*[(,)]/i,
  /\?new\(|\?api|\?lower_abc|t\(java\.|java\.(?:lang|util|io)|new\s+(?:java|javax|org|com|sun)\.|@java\./i,
  /\|\s*(?:attr|map|sort|filter|reduce)\(|request\.(?:args|application|getattribute|getparameter|environ|setattribute|getclass|get|form)|self\._|config\.(?:items|iteritems|from|__)/i,
  /namespace\(|_self\.env|os\.system|\.execute\(|inspect\.|\.module\.|%x\(|file\.open|dir\.entries|io\.popen|\.read\(\)/i,
  /application\.|session\.(?:set|get)|system\.(?:diagnostics|io)|class\.for|println\(|\bdump\(|\bapp\.request/i,
];

function reachesInterpreter(expression: string): boolean {
  return names.test(expression) || (joint.test(expression) && ways.some((way) => way.test(expression)));
}

/** Arithmetic on plain numbers and repeated strings: how one asks whether anything is computed at all. */
const probe =
  /^[\s=('"-]*\d+(?:\.\d+)?['"]?\s*[*+\-/^%]\s*['"]?\d+|\d{3,}\s*[*+]\s*\d{3,}|\d+\*['"]\d+['"]|^\s*["']\w+["']\.join|\btypeof\(\d|^\s*\d+\s*\|/;
/** `{{10-20}}`, `{{1|2}}`: also how manuals write what may stand at a position. */
function isRange(expression: string): boolean {
  return /^\s*\d+(?:\.\d+)?\s*[-+/|]/.test(expression);
}

/** A member of an empty literal, or a command in backticks: `{{''.x}}`, `{{[]|y}}`. */
const bare = /^\s*(?:''|""|\(\)|\[\])\s*[.|[]|^[^`]{0,40}`[a-z/ ]+`|^\s*\d+\s*\*\s*(?:'[^']{0,20}'|"[^"]{0,20}")\s*$/i;

/** Signs that mostly open something else. */
const rarely = new Set(["[[", "~{", "%{", "$[", "{#"]);
const sum = /^\s*\d{1,12}\s*[*+]\s*\d{1,12}\s*$/;

function scoreExpression(open: string, expression: string, closed: boolean, dangerous: boolean): number {
  const plain = open === "}{" || open === ">{";
  if (rarely.has(open)) return (dangerous && !expression.includes("require(")) || sum.test(expression) ? 8 : 0;
  if (directiveOpens(open)) return dangerous || /\(\s*\$\w+\s*=/.test(expression) ? 8 : 5;
  // `\frac{1}{1+2x}` is LaTeX; nobody adds up nine-digit numbers in braces.
  if (plain) return dangerous || /\d{3,}\s*[*+]\s*\d{3,}/.test(expression) ? 8 : 0;
  if (dangerous || (closed && bare.test(expression))) return 8;
  if (open === "@(") return closed && probe.test(expression) ? 7 : 0;
  if (probe.test(expression)) return !closed ? 5 : isRange(expression) ? 7 : 8;
  if (open === "[#" || open === "<#" || open === "[=") return /^(?:assign|include|import|--|if|list)\b/.test(expression) ? 7 : 0;
  return expression.trim() === "" || open === "@{" ? 0 : 4;
}
