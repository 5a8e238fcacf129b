import { isSpaceCode, startsPart } from "../text/sentence-boundaries.ts";

const longEnoughToCut = 1_600;

/**
 * A text as it is when each `+` is a space, which is how forms write one. Of a long text, only the words with a `+` are given,
 * each on its own line, for the rest was looked at before.
 */
export function spacedWords(text: string): string {
  if (text.length < longEnoughToCut) return text.replaceAll("+", " ");
  let words = "";
  let end = 0;
  for (let at = text.indexOf("+"); at !== -1; at = text.indexOf("+", end)) {
    let start = at;
    while (start > end && !isSpaceCode(text.charCodeAt(start - 1))) start -= 1;
    end = at + 1;
    while (end < text.length && !isSpaceCode(text.charCodeAt(end))) end += 1;
    if (end - start > 3) words += `${startsPart(text, start) ? "." : "~"}\n${text.slice(start, end).replaceAll("+", " ")}\n`;
  }
  return words;
}
