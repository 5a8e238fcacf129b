import { type Hit, Hits } from "./finding.ts";
import { addForms, type Form } from "./rule-table.ts";

const names =
  "ne|eq|gte?|lte?|in|nin|or|and|not|nor|exists|type|regex|where|expr|function|mod|all|size|elemmatch|options?|comment|text|jsonschema|near|slice|accumulator";

/** An operator as a key: behind a bracket, brace, comma or quote, before a colon, an equals sign or a closing bracket. */
const operator = new RegExp(`([\\[{,'"\\s(]|^)["']?\\$(?:${names})["']?\\s{0,8}(\\]|:|=)`, "gi");

const secret = "(?:pass(?:word|wd|code)?|pwd|pin|token|secret|hash|key|otp|code)";
const open = `["']?\\s{0,4}:\\s{0,4}\\{\\s{0,4}["']?\\$`;

const forms: readonly Form[] = [
  // A secret is compared for equality; whoever compares it otherwise guesses it.
  ["guessed-secret", 8, new RegExp(`\\b${secret}${open}(?:ne|gte?|lte?|n?in|not|regex|exists|type|where)\\b`, "i"), ["$"]],
  ["guessed-secret", 8, new RegExp(`\\b${secret}["']?\\s{0,4}:\\s{0,4}/[.^\\w]`, "i"), ["/"]],
  // `$gt: ""`, `$nin: []`, `$ne: null`, `$regex: /.*/`: true for whatever is stored.
  [
    "always-true-operator",
    8,
    /\$["']?(?:ne|gte?|not|n?in|regex)["']?\s{0,4}:\s{0,4}(?:["']{1,2}\s{0,2}[},]|\[\s{0,2}\]|null|undefined|-1\b|["'/](?:\.\*|\^?\.?\*?\$?)["'/])/i,
    ["$"],
  ],
  [
    "always-true-operator",
    8,
    /\$or["']?\s{0,4}:\s{0,4}\[\s{0,4}(?:\{\s{0,4}\}|\{\s{0,4}["']?(\w{1,20})["']?\s{0,4}:\s{0,4}["']?\1["']?\s{0,4}\})/i,
    ["$"],
  ],
  [
    "script-operator",
    8,
    /\$(?:where|function|accumulator|expr)["']?\s{0,4}:\s{0,4}(?:["'`]?\s{0,4}(?:function\b|return\b|this\.|sleep\(|while\b|\d\s?==?)|["'][^"'\n]{0,60}["']\s{0,3}[+>]|\w{1,20}\s{0,3}==)/i,
    ["$"],
  ],
  ["script-operator", 8, /\bmapReduce\s?\(\s{0,4}function\b|\$where all\b/i, ["mapreduce", "$where"]],
  ["array-break", 8, /["']\s{0,4}\}\s{0,4}\]\s{0,4},\s{0,4}\$\w/, ["$"]],
  [
    "script-statement",
    8,
    /;\s{0,4}return\s{1,4}(?:true|1)\s{0,4};|;\s{0,3}return\s?\(\s?db\.|\bvar\s\w{1,20}\s?=\s?new\sDate\(\)\s?;\s{0,3}(?:var\s\w{1,20}\s?=\s?null\s?;\s{0,3})?do\s?\{|while\s?\(\s?(?:true|1)\s?\)\s?;\s{0,3}var\s/i,
    [";"],
  ],
  ["database-call", 7, /\bdb\.(?:injection\.insert|getCollectionNames\(\)|dropDatabase\(\)|\w{1,30}\.drop\(\))/, ["db."]],
];

/**
 * Finds operators and script that continue a query of a document database (CWE-943).
 *
 * Keys that begin with `$` in the document itself are refused before screening; this is about text that is pasted into a query.
 */
export function recogniseNoSql(text: string): Hit[] {
  const hits = new Hits();
  findOperators(text, hits);
  findScriptConditions(text, hits);
  addForms(text, forms, hits);
  return hits.list();
}

function findOperators(text: string, hits: Hits): void {
  if (!text.includes("$")) return;
  for (const match of text.matchAll(operator)) {
    if (!hits.spend(match.index)) break;
    const bracket = match[2] === "]" && match[1] === "[";
    const head = text.slice(Math.max(0, match.index - 12), match.index + 1).trim();
    const alone = match.index <= 2 || /['"],?$/.test(head);
    hits.add("operator", bracket ? 8 : alone ? 7 : 5, match.index, match.index + match[0].length);
  }
}

const condition = /['"]\s{0,4}(?:\|\||&&)\s{0,4}(?:['"]?\w{0,20}['"]?\s{0,4}[=!]==?|this\.|true|1\s*[=/])/y;
const statement =
  /['"]?\s{0,4}[;}]\s{0,4}(?:return\s+(?:true|this\.|1|'')|var \w{1,40}\s?=\s?new Date|sleep\(|while\s?\(\s?(?:true|1)\s?\)|do\s?\{)/y;

/** `' || 'a'=='a`, `'; return true; var x='`, `' && this.password.match(/x/)//`. */
function findScriptConditions(text: string, hits: Hits): void {
  for (let at = nextQuote(text, 0); at !== -1; at = nextQuote(text, at + 1)) {
    if (!hits.spend(at)) break;
    condition.lastIndex = at;
    statement.lastIndex = at;
    if (condition.test(text)) hits.add("script-condition", 8, at, at + 4);
    else if (statement.test(text)) hits.add("script-statement", 7, at, at + 4);
  }
}

function nextQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x27 || code === 0x22) return at;
  }
  return -1;
}
