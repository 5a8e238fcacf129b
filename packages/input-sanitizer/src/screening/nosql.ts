import { type Hit, Hits } from "./finding.ts";

const operators =
  "ne|eq|gt|gte|lt|lte|in|nin|or|and|not|nor|exists|type|regex|where|expr|function|mod|all|size|elemmatch|options|comment|text|jsonschema";

const operator = new RegExp(`([\\[{,'"\\s(]|^)["']?\\$(?:${operators})["']?\\s{0,8}(\\]|:|=)`, "gi");

/**
 * Finds operators and script that continue a query of a document database (CWE-943).
 *
 * Keys that begin with `$` in the document itself are refused before screening; this is about text that is pasted into a query.
 */
export function recogniseNoSql(text: string): Hit[] {
  const hits = new Hits();
  findOperators(text, hits);
  findScriptConditions(text, hits);
  return hits.list();
}

function findOperators(text: string, hits: Hits): void {
  for (const match of text.matchAll(operator)) {
    const bracket = match[2] === "]" && match[1] === "[";
    const head = text.slice(Math.max(0, match.index - 12), match.index + 1).trim();
    const alone = match.index <= 2 || /['"],?$/.test(head);
    hits.add("operator", bracket ? 8 : alone ? 7 : 5, match.index, match.index + match[0].length);
  }
}

/** `' || 'a'=='a`, `'; return true; var x='`, `' && this.password.match(/x/)//`. */
function findScriptConditions(text: string, hits: Hits): void {
  for (let at = nextQuote(text, 0); at !== -1; at = nextQuote(text, at + 1)) {
    const rest = text.slice(at, at + 120);
    if (/^['"]\s{0,4}(?:\|\||&&)\s{0,4}(?:['"]?\w{0,20}['"]?\s{0,4}[=!]==?|this\.|true|1\s*[=/])/.test(rest))
      hits.add("script-condition", 8, at, at + 4);
    else if (
      /^['"]?\s{0,4}[;}]\s{0,4}(?:return\s+(?:true|this\.|1|'')|var \w+\s?=\s?new Date|sleep\(|while\s?\(\s?(?:true|1)\s?\)|do\s?\{)/.test(
        rest,
      )
    )
      hits.add("script-statement", 7, at, at + 4);
  }
}

function nextQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x27 || code === 0x22) return at;
  }
  return -1;
}
