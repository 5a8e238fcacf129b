import { CodeUnits } from "../scan/code-units.ts";
import { isForeignLetter, isWideSign, plainSign } from "../text/scripts.ts";
import { hashStep, WordTable } from "../text/word-table.ts";
import { band, countLines, sortOf } from "./bands.ts";
import type { FeatureSink } from "./feature-slots.ts";

/** As much of a text as its shape is seen from. */
const seen = 400;
const maxLines = 10;
const space = 0x20;
const letterBounds = [0.2, 0.4, 0.55, 0.65, 0.7, 0.75, 0.8, 0.85];
const signBounds = [0.01, 0.03, 0.05, 0.08, 0.12, 0.18, 0.25, 0.4];
const wordBounds = [2, 5, 10, 20, 40];
const wordBands = Array.from({ length: wordBounds.length + 1 }, (_, index) => `words ${index} `);
const functionWordBounds = [1, 2, 4, 8, 16];
const lineBounds = [2, 3, 5, 10];

/** Words that sentences have and code has not. */
const functionWords = new WordTable();
functionWords.add(
  1,
  "the a an of to in is are was for and or on with that this it i you my your how do does what why when where which can be as at by from " +
    "not if have has we he she they me please write give using use should would there",
);
// German and Dutch; French, Spanish, Portuguese and Italian; Polish, Czech, Turkish and Swedish; Russian and Ukrainian.
functionWords.add(
  1,
  "der das den dem ein eine und ist nicht wie ich mir zu auf mit für von im warum wenn kann es bitte wir sie er het een van en niet wat " +
    "hoe dat op te voor waarom ik je mijn",
);
functionWords.add(
  1,
  "le la les des et est que qui une pour dans ce pas je vous nous comment pourquoi du au aux sur avec il elle un ne mon ma el los las por para con " +
    "como cómo qué una del se lo um uma não em da na meu minha isso está di che non per come della nel gli cosa perché mio",
);
functionWords.add(
  1,
  "nie jest się jak czy co to mi dla tego ten jaki jako že proč bir ve bu ne için nasıl neden ile bana och att det som på är inte vad hur jag " +
    "för min",
);
functionWords.add(1, "на не что как это для из мне почему он или если мы вы от по при що як це чому мені або");
const tailBounds = [3, 6, 10, 15, 25, 40, 80, 150];
const codeStart = /^\s*(?:#!|import |def |select |from \w+ import|function |const |var |let |\$ |\/\*|#include|<!doctype|<\?php|<html)/i;

/**
 * What a text without evidence looks like as a whole, and what its last sentence does: an attack after a question is a short one, with
 * more signs than the rest.
 */
export function addPlainShape(text: string, features: FeatureSink): void {
  const end = Math.min(text.length, seen);
  const start = lastSentence(text, end);
  const tail = countIn(text, start, end);
  addCounts("all ", start === 0 ? tail : sumOf(countIn(text, 0, start), tail), end, features);
  addCounts("tail ", tail, end - start, features);
  features.add("tail length ", band(end - start, tailBounds));
  features.add("tail first ", sortOf(text[start]));
  features.add("tail last ", sortOf(text.slice(start, end).trimEnd().at(-1)));
  features.add("lead ", start === 0 ? "none" : sortOf(text.slice(0, start).trimEnd().at(-1)));
}

function addCounts(name: string, { letters, signs, words, functional }: Counts, length: number, features: FeatureSink): void {
  features.add(name, "letters ", band(letters / length, letterBounds));
  features.add(name, "signs ", band(signs / length, signBounds));
  features.add(name, wordBands[band(words, wordBounds)], band(functional, functionWordBounds));
}

/** Where the last sentence begins: after a sign that ends sentences, and a space. */
function lastSentence(text: string, end: number): number {
  let at = end - 1;
  while (at > 1 && text.charCodeAt(at) <= space) at -= 1;
  for (; at > 1; at -= 1) if (endsBefore(text, at)) return at;
  return 0;
}

function endsBefore(text: string, at: number): boolean {
  const last = text.charCodeAt(at - 1);
  return isWideSign(last) ? endsSentence(last) : last <= space && endsSentence(text.charCodeAt(at - 2));
}

function endsSentence(sign: number): boolean {
  const code = plainSign(sign);
  return code === 0x2e || code === 0x3a || code === 0x3f || code === 0x21;
}

/** What a text looks like as a whole: how much of it is letters, signs and words of sentences, and how it begins and ends. */
export function addShape(text: string, features: FeatureSink): void {
  const head = text.slice(0, seen);
  addCounts("", countIn(text, 0, head.length), head.length, features);
  features.add("lines ", band(countLines(text, maxLines), lineBounds));
  features.add("first ", sortOf(text[0]));
  features.add("last ", sortOf(text.slice(-seen).trimEnd().at(-1)));
  if (head.includes("`")) features.add(head.includes("```") ? "has a fence" : "has a backtick");
  if (/[?\uff1f\u061f\u037e]/.test(head)) features.add("asks");
  if (codeStart.test(head)) features.add("begins with code");
}

interface Counts {
  readonly letters: number;
  readonly signs: number;
  readonly words: number;
  readonly functional: number;
}

const codeUnits = new CodeUnits();

function countIn(text: string, from: number, to: number): Counts {
  codeUnits.write(text.slice(from, to));
  const { units } = codeUnits;
  let [letters, signs, words, functional] = [0, 0, 0, 0];
  for (let at = from; at < to; at += 1) {
    const start = at;
    let hash = 0;
    let code = units[at - from + 1] ?? 0;
    for (let letter = letterOf(code); letter !== 0; letter = letterOf(code)) {
      hash = hashStep(hash, letter);
      at += 1;
      code = units[at - from + 1] ?? 0;
    }
    if (at > start) {
      letters += at - start;
      words += wordsIn(text.charCodeAt(start), at - start);
      functional += functionWords.get(text, start, at, hash);
    }
    if (at < to && isSign(code)) signs += 1;
  }
  return { letters, signs, words, functional };
}

/** A run of letters is a word; Chinese and Japanese write none apart, and two of their characters are about one. */
function wordsIn(first: number, length: number): number {
  return first >= 0x3040 && first < 0xac00 ? (length + 1) >> 1 : 1;
}

function sumOf(a: Counts, b: Counts): Counts {
  return {
    letters: a.letters + b.letters,
    signs: a.signs + b.signs,
    words: a.words + b.words,
    functional: a.functional + b.functional,
  };
}

const ascii = Uint8Array.from({ length: 128 }, (_, code) => (/[a-z]/i.test(String.fromCharCode(code)) ? code | 0x20 : 0));

/** A letter as it is looked up, without capitals of ASCII, or 0. */
function letterOf(code: number): number {
  if (code < 0x80) return ascii[code] ?? 0;
  return isForeignLetter(code) ? code : 0;
}

function isSign(code: number): boolean {
  return code < 0x80 && code !== 0x20 && (code < 0x30 || code > 0x39);
}
