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
    const start = startOfWord(text, at, end);
    end = endOfWord(text, at + 1);
    if (end - start > 3) words += `${startsPart(text, start) ? "." : "~"}\n${text.slice(start, end).replaceAll("+", " ")}\n`;
  }
  return words;
}

function startOfWord(text: string, from: number, least: number): number {
  let at = from;
  while (at > least && !isSpaceCode(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isSpaceCode(text.charCodeAt(at))) at += 1;
  return at;
}
