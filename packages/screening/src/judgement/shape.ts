import { band, countLines, sortOf } from "./bands.ts";

/** As much of a text as its shape is seen from. */
const seen = 400;
const maxLines = 10;
const letterBounds = [0.2, 0.4, 0.55, 0.65, 0.7, 0.75, 0.8, 0.85];
const signBounds = [0.01, 0.03, 0.05, 0.08, 0.12, 0.18, 0.25, 0.4];
const wordBounds = [2, 5, 10, 20, 40];
const functionWordBounds = [1, 2, 4, 8, 16];
const lineBounds = [2, 3, 5, 10];

/** Words that sentences have and code has not. */
const functionWords = new Set(
  (
    "the a an of to in is are was for and or on with that this it i you my your how do does what why when where which can be as at by from " +
    "not if have has we he she they me please write give using use should would there"
  ).split(" "),
);
const codeStart = /^\s*(?:#!|import |def |select |from \w+ import|function |const |var |let |\$ |\/\*|#include|<!doctype|<\?php|<html)/i;

/** What a text looks like as a whole: how much of it is letters, signs and words of sentences, and how it begins and ends. */
export function shapeOf(text: string): string[] {
  const head = text.slice(0, seen);
  const words = head.toLowerCase().match(/[a-z]+/g) ?? [];
  const functional = words.filter((word) => functionWords.has(word)).length;
  const { letters, signs } = countCharacters(head);
  const names = [
    `letters ${band(letters / head.length, letterBounds)}`,
    `signs ${band(signs / head.length, signBounds)}`,
    `words ${band(words.length, wordBounds)} ${band(functional, functionWordBounds)}`,
    `lines ${band(countLines(text, maxLines), lineBounds)}`,
    `first ${sortOf(text[0])}`,
    `last ${sortOf(text.slice(-seen).trimEnd().at(-1))}`,
  ];
  if (head.includes("`")) names.push(head.includes("```") ? "has a fence" : "has a backtick");
  if (head.includes("?")) names.push("asks");
  if (codeStart.test(head)) names.push("begins with code");
  return names;
}

function countCharacters(text: string): { letters: number; signs: number } {
  let letters = 0;
  let signs = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const lower = code | 0x20;
    if (lower >= 0x61 && lower <= 0x7a) letters += 1;
    else if (code < 0x80 && code !== 0x20 && (code < 0x30 || code > 0x39)) signs += 1;
  }
  return { letters, signs };
}
