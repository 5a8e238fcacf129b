import { isSpaceCode, startsPart } from "../text/sentence-boundaries.ts";

const longEnoughToCut = 1_600;
/** What stands further than this from every `+` of a word was looked at before; words of minified script are long. */
const reach = 120;

/**
 * A text as it is when each `+` is a space, which is how forms write one. Of a long text, only the words with a `+` are given,
 * each on its own line and as far as it is near to one, for the rest was looked at before.
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
  const first = Math.max(least, from - reach);
  let at = from;
  while (at > first && !isSpaceCode(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

function endOfWord(text: string, from: number): number {
  let last = from + reach;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (at >= last || isSpaceCode(code)) return at;
    if (code === 0x2b) last = at + reach;
  }
  return text.length;
}
