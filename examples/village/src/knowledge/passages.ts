const targetLength = 400;

/** Cuts a text into passages of a few sentences: at blank lines, else at the ends of sentences or lines, else at 400 characters. */
export function toPassages(text: string): string[] {
  return text
    .split(/\r?\n[ \t]*\r?\n/)
    .flatMap(packSentences)
    .filter((passage) => /[\p{L}\p{N}]/u.test(passage));
}

function packSentences(paragraph: string): string[] {
  const passages: string[] = [];
  let passage = "";
  for (const sentence of sentencesOf(paragraph)) {
    if (passage !== "" && passage.length + sentence.length >= targetLength) {
      passages.push(passage);
      passage = "";
    }
    passage = passage === "" ? sentence : `${passage} ${sentence}`;
  }
  return [...passages, passage];
}

function sentencesOf(paragraph: string): string[] {
  return paragraph
    .split(/(?<=[.!?])\s+|\r?\n/)
    .flatMap((sentence) => (sentence.length <= targetLength ? sentence : (sentence.match(/.{1,400}/gsu) ?? [])))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}
