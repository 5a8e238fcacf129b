import type { Row } from "./corpus.ts";

/** Shapes of rows that lists of attacks carry along: comments, headings, options of tools, plain elements and links. */
const harmless: readonly RegExp[] = [
  /^(?:#|\/\/)\s?[\w\s,.:()<>/-]{3,200}$/,
  /^<!--[\s\w.,:+()/-]{0,120}-->$/,
  /^\[\w{1,40}\]$/,
  /^--[a-z][\w-]{1,30}(?:[= ]["']?[\w:/.@-]{0,80}["']?)?$/,
  /^(?:sqlmap|commix|nmap|ffuf|wfuzz) -/,
  /^\w+@[\w.-]+:[\w~/]*[$#] /,
  /^<\/?(?:div|p|span|b|i|a|br|hr|table|tr|td|ul|li)(?:\s+(?:id|class|title|href)\s?=\s?["']?[\w:/.#-]{0,80}["']?)?\s?\/?>\w{0,20}(?:<\/\w+>)?$/i,
];

/** Whether a text that its list calls an attack is hardly one. Such rows are marked, and counted all the same. */
export function isDoubtful({ isAttack, text }: Row): boolean {
  return isAttack && harmless.some((shape) => shape.test(text.trim()));
}
