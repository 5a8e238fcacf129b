import { join } from "node:path";

import { read } from "../src/judgement/reading.ts";
import { gatherEvidence } from "../src/screen.ts";
import { innocentTexts } from "../test/cases/innocent-texts.ts";
import { markupAttacks } from "../test/cases/markup-attacks.ts";
import { otherAttacks } from "../test/cases/other-attacks.ts";
import { shellAttacks } from "../test/cases/shell-attacks.ts";
import { sqlAttacks } from "../test/cases/sql-attacks.ts";
import { placeAfter, vary, varyInnocent } from "./augment.ts";
import type { Row } from "./corpus.ts";
import { makePatternTexts, readInstalledTexts } from "./innocent-texts.ts";
import type { Example } from "./learn.ts";
import { pick, type Random, seededRandom } from "./random.ts";

const store = join(import.meta.dirname, "../../../node_modules/.pnpm");
const proseKinds = new Set(
  "natural everyday-prompt everyday-reply db-question literary math multilingual shell-question persona-prompt".split(" "),
);
const patternCount = 12_000;
/** There are more texts of this machine than of all others together. */
const installedImportance = 0.4;
/** What the patterns and the cases of the tests are for is rare elsewhere. */
const ownImportance = 2;
/** A line this long that two texts share means that they are parts of the same file. */
const shareableLine = 40;

/** Code and documentation of this machine, without what the corpus took from the same files. */
export function readInnocents(rows: readonly Row[], seed: number): Example[] {
  const known = new Set(rows.filter(({ isAttack }) => !isAttack).flatMap(({ text }) => longLines(text)));
  const texts = readInstalledTexts(store, seededRandom(seed)).filter((text) => !longLines(text).some((line) => known.has(line)));
  return texts.flatMap((text) => toExamples(text.toWellFormed(), false, installedImportance));
}

function longLines(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replaceAll(/\s+/g, " ").trim().toLowerCase());
  return lines.filter((line) => line.length >= shareableLine);
}

/** Everything that these rows teach, with augmentation. Texts without evidence teach nothing, since they are never judged. */
export function makeExamples(rows: readonly Row[], seed: number): Example[] {
  const random = seededRandom(seed);
  const teaching = rows.filter(({ mayTrain, isAttack, context }) => mayTrain && (!isAttack || context === "inject"));
  const sentences = teaching.filter(({ isAttack, kind }) => !isAttack && proseKinds.has(kind)).map(({ text }) => text);
  const sentence = (): string => pick(sentences, random).slice(0, 200);
  const examples = teaching.flatMap((row) => (row.isAttack ? fromAttack(row, sentence, random) : fromInnocent(row, sentence, random)));
  const everyday = makePatternTexts(patternCount, sentences, random).flatMap((text) => toExamples(text, false, ownImportance));
  return [...examples, ...everyday, ...fromOwnCases(sentence, random)];
}

/** The cases of the package's own tests, which are in no corpus. */
function fromOwnCases(sentence: () => string, random: Random): Example[] {
  const attacks = Object.values({ ...markupAttacks, ...sqlAttacks, ...shellAttacks, ...otherAttacks }).flat();
  const innocents = Object.values(innocentTexts).flat();
  return [
    ...attacks.flatMap((text) => toExamples(text, true, ownImportance)),
    ...attacks.flatMap((text) => toExamples(placeAfter(text, sentence(), random), true, ownImportance)),
    ...innocents.flatMap((text) => toExamples(text, false, ownImportance)),
    ...innocents.flatMap((text) => toExamples(`${pick(innocents, random)}\n\n${text}`, false, ownImportance)),
  ];
}

function fromAttack({ text }: Row, sentence: () => string, random: Random): Example[] {
  return [
    ...toExamples(text, true, 1),
    ...toExamples(placeAfter(text, sentence(), random), true, 1.5),
    ...toExamples(placeAfter(text, sentence(), random), true, 1.5),
    ...toExamples(vary(text, sentence(), random), true, 0.5),
  ];
}

function fromInnocent({ text }: Row, sentence: () => string, random: Random): Example[] {
  return [...toExamples(text, false, 1.5), ...toExamples(varyInnocent(text, sentence(), random), false, 1)];
}

function toExamples(text: string, isAttack: boolean, importance: number): Example[] {
  const evidence = gatherEvidence(text, "prose");
  return evidence.length === 0 ? [] : [{ reading: read(evidence, text), isAttack, importance }];
}
