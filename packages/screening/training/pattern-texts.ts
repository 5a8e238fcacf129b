import {
  attackPatterns,
  explaining,
  explainingElsewhere,
  harmlessQuotes,
  patterns,
  sentencesElsewhere,
  words,
} from "./patterns/patterns.ts";
import { pick, type Random } from "./random.ts";

/** Everyday texts by pattern, some with a sentence around them, with either line end. */
export function makePatternTexts(count: number, sentences: readonly string[], random: Random): string[] {
  return Array.from({ length: count }, (_, index) => {
    const text = fill(patterns[index % patterns.length] ?? "", sentences, random);
    const placed = pick(
      [text, text, text, `${firstLine(pick(sentences, random))} ${text}`, `${text}\n${firstLine(pick(sentences, random))}`],
      random,
    );
    return random() < 0.2 ? placed.replaceAll("\n", "\r\n") : placed;
  });
}

/** Words may have blanks, too. Doubled braces are single ones. */
function fill(pattern: string, sentences: readonly string[], random: Random): string {
  return pattern.replaceAll(/\{\{|\}\}|\{(\w+)\}/g, (blank, name: string | undefined) => {
    if (name === undefined) return blank.slice(1);
    return name === "sentence" ? firstLine(pick(sentences, random)) : fill(pick(words[name] ?? [name], random), sentences, random);
  });
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").slice(0, 150);
}

/** Attacks by the grammar of what interprets them. */
export function makePatternAttacks(count: number, sentences: readonly string[], random: Random): string[] {
  return Array.from({ length: count }, (_, index) => fill(attackPatterns[index % attackPatterns.length] ?? "", sentences, random));
}

const shareElsewhere = 0.4;

/** A question or request in another language than English. */
export function sentenceElsewhere(random: Random): string {
  return fill(pick(sentencesElsewhere, random), [], random);
}

/** Questions about commands, queries and code, most of them in other languages than English. */
export function makeQuestions(count: number, sentences: readonly string[], random: Random): string[] {
  return Array.from({ length: count }, () => {
    const quote = fill(pick(harmlessQuotes, random), sentences, random);
    return explain(quote, pick(sentences, random), random, random() < shareElsewhere ? explaining : explainingElsewhere);
  });
}

/** An innocent sentence about an attack, which stands in it. */
export function explain(attack: string, sentence: string, random: Random, ways?: readonly string[]): string {
  const sentences = ways ?? (random() < shareElsewhere ? explainingElsewhere : explaining);
  const parts = pick(sentences, random).split("{attack}");
  return parts.map((part) => fill(part, [sentence], random)).join(attack);
}
