import { type Hit, Hits } from "./finding.ts";

/** Delimiters of template languages and of expression languages in them. */
const delimiters: readonly (readonly [open: string, close: string])[] = [
  ["{{", "}}"],
  ["{%", "%}"],
  ["${", "}"],
  ["#{", "}"],
  ["*{", "}"],
  ["@{", "}"],
  ["<%", "%>"],
  ["[#", "]"],
  ["[=", "]"],
  ["<#", ">"],
  ["{=", "}"],
  ["@(", ")"],
  ["{", "}"],
  ["#set(", ")"],
  ["#set (", ")"],
  ["#include(", ")"],
  ["#foreach", ")"],
];

const maxExpression = 400;

/**
 * Finds template expressions that compute, reach for the objects of the server, or run something (CWE-1336).
 *
 * `{{ name }}` alone is what people ask about; it counts under the strict profile only.
 */
export function recogniseTemplates(text: string): Hit[] {
  const hits = new Hits();
  for (const [open, close] of delimiters) findExpressions(text, open, close, hits);
  return hits.list();
}

function findExpressions(text: string, open: string, close: string, hits: Hits): void {
  for (let at = text.indexOf(open); at !== -1; at = text.indexOf(open, at + open.length)) {
    if (!hits.spend(at)) break;
    const start = at + open.length;
    // Up to the next opening only: nested expressions are read by themselves, and no character is read twice.
    const next = text.indexOf(open, start);
    const window = text.slice(start, Math.min(next === -1 ? text.length : next, start + maxExpression));
    const end = window.indexOf(close);
    const expression = end === -1 ? window : window.slice(0, end);
    const adjacent = open === "{" && (text.charAt(at - 1) === "}" || text.charAt(at - 1) === ">");
    const score = scoreExpression(adjacent ? "}{" : open, expression, window, end !== -1);
    if (score > 0) hits.add(ruleOf(score), score, at, start + expression.length);
  }
}

function ruleOf(score: number): string {
  return score >= 8 ? "dangerous-expression" : score >= 7 ? "computed-expression" : "expression";
}

/** Ways to the interpreter that no template of a page needs. */
const dangerous =
  /__(?:class|mro|base|bases|subclasses|globals|builtins|import|init|dict|getattribute)__|getclass\(|forname\(|\.constructor|(?:^|\W)(?:eval|exec|execsync|spawnsync|popen|pclose|passthru|shell_exec|system|getattr|base64_decode|call_user_func|file_get_contents|file_put_contents)["']?\s*[(,)]|getruntime|processbuilder|\?new\(|\?api|\?lower_abc|freemarker|jndi:|t\(java\.|java\.(?:lang|util|io)|process\.(?:mainmodule|env|binding)|mainmodule|child_process|require\(|\|\s*attr\(|\|\s*(?:map|sort|filter|reduce)\(|request\.(?:args|application|getattribute|getparameter|environ|setattribute|getclass|get|form)|self\._|config\.(?:items|from|__)|cycler|lipsum|joiner|namespace\(|_self\.env|registerundefined|os\.system|\.execute\(|inspect\.|\.module\.|subclasses|@java\.|%x\(|`[a-z/ ]+`|file\.open|dir\.entries|io\.popen|\.read\(\)|assign ex|classloader|lookup|urlclass|beanutils|application\.|session\.(?:set|get)|servletcontext|facescontext|\bphp\b|getfilter|\bdebug\b|system\.(?:diagnostics|io)|class\.for|println\(/i;

/** Arithmetic on plain numbers and repeated strings: how one asks whether anything is computed at all. */
const probe =
  /^[\s=('"-]*\d+(?:\.\d+)?['"]?\s*[*+\-/^%]\s*['"]?\d+|\d{3,}\s*[*+]\s*\d{3,}|\d+\*['"]\d+['"]|^\s*["']\w+["']\.join|\btypeof\(\d/;

function scoreExpression(open: string, expression: string, window: string, closed: boolean): number {
  const plainBrace = open === "{";
  if (open.startsWith("#") && open !== "#{") return dangerous.test(window) || /^\s*\$\w+\s*=/.test(expression) ? 8 : 5;
  if (dangerous.test(expression)) return plainBrace ? (closed ? 6 : 0) : 8;
  if (plainBrace) return 0;
  // `\frac{1}{1+2x}` is LaTeX; nobody adds up nine-digit numbers in braces.
  if (open === "}{") return /\d{3,}\s*[*+]\s*\d{3,}/.test(expression) ? 8 : 0;
  if (probe.test(expression) && open !== "@(") return closed ? 8 : 5;
  if (open === "@(") return closed && probe.test(expression) ? 7 : 0;
  if (open === "[#" || open === "<#" || open === "[=") return /^(?:assign|include|import|--|if|list)\b/.test(expression) ? 7 : 0;
  return expression.trim() === "" || open === "@{" ? 0 : 4;
}
