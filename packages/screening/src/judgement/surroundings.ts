import type { Evidence } from "../evidence.ts";
import { isForeignLetter, isWideSign, plainSign } from "../text/scripts.ts";
import { band, countLines, sortOf } from "./bands.ts";
import type { FeatureSink } from "./feature-slots.ts";
import { type Quotation, quotationAround, sentenceStart } from "./quotation.ts";

/** How far around a match is looked. */
const before = 300;
const beforeFence = 3_000;
const after = 100;
const lineBounds = [1, 5, 20, 60];
const restBounds = [2, 5, 40];
const lineCountBounds = [2, 4];
const maxLines = 4;
const wordsBefore = 8;
/** As much of a sentence as mostly has so many words. */
const reach = 100;
const wordsAfter = 6;
const shortStart = 3;
const letterBounds = [1, 5, 15, 40];

/**
 * What stands around a match: what it follows, the quotes and fences that are open there, and the words of its sentence. This distinguishes an
 * attack after a question from one that a sentence talks about.
 */
export function addSurroundings(
  { id, class: attackClass, span, counts, around }: Evidence,
  text: string,
  rank: number,
  features: FeatureSink,
): void {
  const { text: layer, position } = around;
  const isHidden = layer !== text;
  const end = isHidden ? position : span[1];
  const lead = layer.slice(Math.max(0, position - before), position);
  const rest = layer.slice(end, end + after);
  const words = lastWords(lead.slice(sentenceStart(lead)));
  const [follows, next] = [followedBy(lead), sortOf(rest[0])];
  const { open, isClosed } = openQuotes(layer, position, lead, rest, end);
  const place = `${rank} ${counts}`;
  features.add(place, " follows ", follows);
  features.add(place, " after ", sortOf(lead.at(-1)));
  features.add(place, " at ", sortOf(layer[position]));
  features.add(place, " before ", next);
  features.add(place, " in ", open);
  addQuotation(quotationAround(layer, position, end), attackClass, counts, features);
  features.add(place, " hidden ", String(isHidden));
  features.add(place, " begun ", words.length === 0 ? 0 : band(words.length, [shortStart]) + 1);
  features.add(attackClass, " follows ", follows);
  features.add(attackClass, ` in ${open} `, String(isClosed));
  features.add(attackClass, " line ", band(lead.length - lead.lastIndexOf("\n") - 1, lineBounds));
  features.add(attackClass, " rest ", band(text.length - span[1], restBounds));
  features.add(id, " follows ", follows);
  features.add(id, " before ", next);
  features.add(id, " in ", open);
  features.add(id, " lines ", band(countLines(text, maxLines), lineCountBounds));
  const strength = String(counts);
  addWords(strength, " said ", words.slice(-wordsBefore), features);
  addWords(strength, " goes on ", wordsOfRest(rest), features);
}

/** What a sentence says on both sides of what it quotes, and whether it says anything, whatever its language. */
function addQuotation(quotation: Quotation | undefined, attackClass: string, counts: boolean, features: FeatureSink): void {
  if (quotation === undefined) return features.add("unquoted ", String(counts));
  const { sign, lettersBefore, lettersAfter } = quotation;
  const sides = `${band(lettersBefore, letterBounds)} ${band(lettersAfter, letterBounds)}`;
  features.add("quoted by ", sign, String(counts));
  features.add("quoted between ", sides, String(counts));
  features.add(attackClass, " quoted between ", sides);
}

function wordsOfRest(rest: string): string[] {
  const sentence = /^[^.?!\n\u3002\uff1f\uff01\u061f]*/.exec(rest)?.[0] ?? "";
  return wordsOf(sentence).slice(0, wordsAfter);
}

/** The words of a sentence, or at least as many of the last as matter. */
function lastWords(sentence: string): string[] {
  const cut = sentence.length <= reach ? -1 : sentence.indexOf(" ", sentence.length - reach);
  const words = cut === -1 ? [] : wordsOf(sentence.slice(cut));
  return words.length >= wordsBefore ? words : wordsOf(sentence);
}

/** Words of languages that part them, and pairs of characters of those that don't. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\u3040-\u9fff]{2}|[a-z\u00c0-\u1fff\uac00-\ud7af]{2,12}/g) ?? [];
}

/** Each word once. */
function addWords(strength: string, name: string, words: readonly string[], features: FeatureSink): void {
  for (const [index, word] of words.entries()) if (words.indexOf(word) === index) features.add(strength, name, word);
}

/** What the last sign before a match is, and whether there is space after it. */
function followedBy(lead: string): string {
  const end = endWithout(" \t", lead, lead.length);
  const last = lead.charAt(end - 1);
  if (last === "") return lead === "" ? "nothing" : "space";
  if (last === "\n") return lead.charAt(endWithout(" \t\r", lead, end - 1) - 1) === "\n" ? "blank line" : "line";
  const code = last.charCodeAt(0);
  const space = end < lead.length || isWideSign(code) ? " and space" : "";
  const sign = String.fromCharCode(plainSign(code));
  if (sign === "?" || sign === "!") return `question${space}`;
  if (sign === "." || sign === ":") return sign + space;
  return (isForeignLetter(code) || /[a-z0-9]/i.test(last) ? "word" : "sign") + space;
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
  const quotes = `${isOdd(line, "'") ? "'" : ""}${isOdd(line, '"') ? '"' : ""}${isOdd(line, "`") ? "`" : ""}`;
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
