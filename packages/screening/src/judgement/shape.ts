import { hashStep, lowerCase, WordTable } from "../text/word-table.ts";
import { band, countLines, sortOf } from "./bands.ts";
import type { FeatureSink } from "./feature-slots.ts";

/** As much of a text as its shape is seen from. */
const seen = 400;
const maxLines = 10;
const letterBounds = [0.2, 0.4, 0.55, 0.65, 0.7, 0.75, 0.8, 0.85];
const signBounds = [0.01, 0.03, 0.05, 0.08, 0.12, 0.18, 0.25, 0.4];
const wordBounds = [2, 5, 10, 20, 40];
const functionWordBounds = [1, 2, 4, 8, 16];
const lineBounds = [2, 3, 5, 10];

/** Words that sentences have and code has not. */
const functionWords = new WordTable();
functionWords.add(
  1,
  "the a an of to in is are was for and or on with that this it i you my your how do does what why when where which can be as at by from " +
    "not if have has we he she they me please write give using use should would there",
);
const codeStart = /^\s*(?:#!|import |def |select |from \w+ import|function |const |var |let |\$ |\/\*|#include|<!doctype|<\?php|<html)/i;

/** What a text looks like as a whole: how much of it is letters, signs and words of sentences, and how it begins and ends. */
export function addShape(text: string, features: FeatureSink): void {
  const head = text.slice(0, seen);
  const { letters, signs, words, functional } = countIn(head);
  features.add("letters ", band(letters / head.length, letterBounds));
  features.add("signs ", band(signs / head.length, signBounds));
  features.add(`words ${band(words, wordBounds)} `, band(functional, functionWordBounds));
  features.add("lines ", band(countLines(text, maxLines), lineBounds));
  features.add("first ", sortOf(text[0]));
  features.add("last ", sortOf(text.slice(-seen).trimEnd().at(-1)));
  if (head.includes("`")) features.add(head.includes("```") ? "has a fence" : "has a backtick");
  if (head.includes("?")) features.add("asks");
  if (codeStart.test(head)) features.add("begins with code");
}

function countIn(text: string): { letters: number; signs: number; words: number; functional: number } {
  let [letters, signs, words, functional] = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const start = at;
    let hash = 0;
    for (; isLetter(text.charCodeAt(at)); at += 1) hash = hashStep(hash, lowerCase(text.charCodeAt(at)));
    if (at > start) {
      letters += at - start;
      words += 1;
      functional += functionWords.get(text, start, at, hash);
    }
    if (at < text.length && isSign(text.charCodeAt(at))) signs += 1;
  }
  return { letters, signs, words, functional };
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isSign(code: number): boolean {
  return code < 0x80 && code !== 0x20 && (code < 0x30 || code > 0x39);
}
