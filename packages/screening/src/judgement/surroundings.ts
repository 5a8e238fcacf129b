import type { Evidence } from "../evidence.ts";
import { band, countLines, sortOf } from "./bands.ts";

/** How far around a match is looked. */
const before = 300;
const beforeFence = 3_000;
const after = 100;
const lineBounds = [1, 5, 20, 60];
const restBounds = [2, 5, 40];
const lineCountBounds = [2, 4];
const maxLines = 4;
const wordsBefore = 8;
const wordsAfter = 6;
const shortStart = 3;

/**
 * What stands around a match: what it follows, the quotes and fences that are open there, and the words of its sentence. This tells an
 * attack after a question from one that a sentence talks about.
 */
export function surroundingsOf({ class: attackClass, rule, span, counts, around }: Evidence, text: string, rank: number): string[] {
  const { text: layer, position } = around;
  const isHidden = layer !== text;
  const end = isHidden ? position : span[1];
  const lead = layer.slice(Math.max(0, position - before), position);
  const rest = layer.slice(end, end + after);
  const sentence = lead.slice(sentenceStart(lead));
  const words = sentence.toLowerCase().match(/[a-z]{2,12}/g) ?? [];
  const [follows, next] = [followedBy(lead), sortOf(rest[0])];
  const { open, isClosed } = openQuotes(layer, position, lead, rest, end);
  const [place, id, strength] = [`${rank} ${counts}`, `${attackClass}/${rule}`, String(counts)];
  return [
    `${place} follows ${follows}`,
    `${place} after ${sortOf(lead.at(-1))}`,
    `${place} at ${sortOf(layer[position])}`,
    `${place} before ${next}`,
    `${place} in ${open}`,
    `${place} hidden ${isHidden}`,
    `${place} begun ${words.length === 0 ? 0 : band(words.length, [shortStart]) + 1}`,
    `${attackClass} follows ${follows}`,
    `${attackClass} in ${open} ${isClosed}`,
    `${attackClass} line ${band(lead.length - lead.lastIndexOf("\n") - 1, lineBounds)}`,
    `${attackClass} rest ${band(text.length - span[1], restBounds)}`,
    `${id} follows ${follows}`,
    `${id} before ${next}`,
    `${id} in ${open}`,
    `${id} lines ${band(countLines(text, maxLines), lineCountBounds)}`,
    ...unique(words.slice(-wordsBefore)).map((word) => `${strength} said ${word}`),
    ...wordsOfRest(rest).map((word) => `${strength} goes on ${word}`),
  ];
}

function wordsOfRest(rest: string): string[] {
  const sentence = /^[^.?!\n]*/.exec(rest)?.[0] ?? "";
  return unique((sentence.toLowerCase().match(/[a-z]{2,12}/g) ?? []).slice(0, wordsAfter));
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)];
}

/** Where the sentence begins that a text ends in. */
function sentenceStart(lead: string): number {
  let at = lead.length;
  while (at > 0 && !".?!\n".includes(lead.charAt(at - 1))) at -= 1;
  return at;
}

/** What the last sign before a match is, and whether there is space after it. */
function followedBy(lead: string): string {
  const end = endWithout(" \t", lead, lead.length);
  const last = lead.charAt(end - 1);
  if (last === "") return lead === "" ? "nothing" : "space";
  if (last === "\n") return lead.charAt(endWithout(" \t\r", lead, end - 1) - 1) === "\n" ? "blank line" : "line";
  const space = end < lead.length ? " and space" : "";
  if (last === "?" || last === "!") return `question${space}`;
  if (last === "." || last === ":") return last + space;
  return (/[a-z0-9]/i.test(last) ? "word" : "sign") + space;
}

/** The end of a text without these characters there. */
function endWithout(characters: string, text: string, end: number): number {
  let at = end;
  while (at > 0 && characters.includes(text.charAt(at - 1))) at -= 1;
  return at;
}

/** The fence and the quotes that are open where a match begins, and whether the last of them is closed after it. */
function openQuotes(layer: string, position: number, lead: string, rest: string, end: number): { open: string; isClosed: boolean } {
  const line = lead.slice(lead.lastIndexOf("\n") + 1);
  const quotes = ["'", '"', "`"].filter((quote) => isOdd(line, quote)).join("");
  if (isOdd(layer.slice(Math.max(0, position - beforeFence), position), "```"))
    return { open: `fence ${quotes}`, isClosed: layer.includes("```", end) };
  const last = quotes.at(-1);
  return { open: quotes, isClosed: last !== undefined && rest.includes(last) };
}

function isOdd(text: string, mark: string): boolean {
  let isOpen = false;
  for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) isOpen = !isOpen;
  return isOpen;
}
