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
const openings = new Uint8Array(128 * 128);
const first = new Uint8Array(128);
for (const open of delimiters.keys()) {
  first[open.charCodeAt(0)] = 1;
  openings[open.charCodeAt(0) * 128 + open.charCodeAt(1)] = 1;
}

const maxExpression = 400;
const directive = /^#(?:set|include|foreach|if)\s?\(/;

/**
 * Finds template expressions that compute, reach for the objects of the server, or run something (CWE-1336).
 *
 * `{{ name }}` alone is what people ask about; it counts under the strict profile only.
 */
export function detectTemplates({ text, signs, traits }: TextScan, matches: MatchSet): void {
  const computes = (traits & Trait.templateWord) !== 0;
  for (const at of signs) {
    const code = text.charCodeAt(at);
    if (first[code] === 0) continue;
    const next = text.charCodeAt(at + 1);
    if (!(next < 128) || openings[code * 128 + next] !== 1) continue;
    const open = text.slice(at, at + 2);
    if (next > 0x60 && next < 0x7b && !directive.test(text.slice(at, at + 12))) continue;
    if (!matches.spend(at)) break;
    judgeExpression(text, at, open, computes, matches);
  }
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
  const score = scoreExpression(open, expression, closed, named && reachesInterpreter(directiveOpens(open) ? window : expression));
  if (score > 0) matches.add(ruleOf(score), score, at, start + expression.length);
}

/** `#set(…)` and its like. */
function directiveOpens(open: string): boolean {
  return open.startsWith("#") && open !== "#{";
}

function ruleOf(score: number): string {
  return score >= 8 ? "dangerous-expression" : score >= 7 ? "computed-expression" : "expression";
}

/** Ways to the interpreter that no template of a page needs. */
const ways = [
  /__(?:class|mro|base|bases|subclasses|globals|builtins|import|init|dict|getattribute)__|getclass\(|forname\(|\.constructor|mainmodule|child_process|require\(|process\.(?:env|binding)/i,
  /(?:^|\W)(?:eval|exec|execsync|spawnsync|popen|pclose|passthru|shell_exec|system|getattr|base64_decode|call_user_func|file_get_contents|file_put_contents)["']?\s*[(,)]/i,
  /getruntime|processbuilder|\?new\(|\?api|\?lower_abc|freemarker|jndi:|t\(java\.|java\.(?:lang|util|io)|new\s+(?:java|javax|org|com|sun)\.|@java\.|classloader|urlclass|beanutils/i,
  /\|\s*(?:attr|map|sort|filter|reduce)\(|request\.(?:args|application|getattribute|getparameter|environ|setattribute|getclass|get|form)|self\._|config\.(?:items|iteritems|from|__)|^\s*(?:config|_self|self)\s*$/i,
  /cycler|lipsum|joiner|namespace\(|_self\.env|registerundefined|os\.system|\.execute\(|inspect\.|\.module\.|subclasses|%x\(|file\.open|dir\.entries|io\.popen|\.read\(\)|assign ex|lookup/i,
  /application\.|session\.(?:set|get)|servletcontext|facescontext|^\s*\/?php\b(?![,|])|getfilter|^\s*debug\s*$|system\.(?:diagnostics|io)|class\.for|println\(|\bdump\(|secret_key|get_flashed_messages|\bapp\.request|getresource|^\s*(?:include|import|extends)\s*["'](?:\/|\.\.)/i,
];

function reachesInterpreter(expression: string): boolean {
  return ways.some((way) => way.test(expression));
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
  if (rarely.has(open)) return closed && ((dangerous && !expression.includes("require(")) || sum.test(expression)) ? 8 : 0;
  if (directiveOpens(open)) return dangerous || /\(\s*\$\w+\s*=/.test(expression) ? 8 : 5;
  // `\frac{1}{1+2x}` is LaTeX; nobody adds up nine-digit numbers in braces.
  if (plain) return dangerous || /\d{3,}\s*[*+]\s*\d{3,}/.test(expression) ? 8 : 0;
  if (dangerous || (closed && bare.test(expression))) return 8;
  if (open === "@(") return closed && probe.test(expression) ? 7 : 0;
  if (probe.test(expression)) return !closed ? 5 : isRange(expression) ? 7 : 8;
  if (open === "[#" || open === "<#" || open === "[=") return /^(?:assign|include|import|--|if|list)\b/.test(expression) ? 7 : 0;
  return expression.trim() === "" || open === "@{" ? 0 : 4;
}
