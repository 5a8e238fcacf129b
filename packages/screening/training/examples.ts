import { join } from "node:path";

import { featuresOf } from "../src/judgement/features.ts";
import { read } from "../src/judgement/reading.ts";
import { gatherEvidence } from "../src/screen.ts";
import { innocentTexts } from "../test/cases/innocent-texts.ts";
import { markupAttacks } from "../test/cases/markup-attacks.ts";
import { otherAttacks } from "../test/cases/other-attacks.ts";
import { shellAttacks } from "../test/cases/shell-attacks.ts";
import { sqlAttacks } from "../test/cases/sql-attacks.ts";
import { placeAfter, vary, varyInnocent } from "./augment.ts";
import type { Row } from "./corpus.ts";
import { isDoubtful } from "./doubtful-labels.ts";
import { cut, type InstalledFile, readInstalledFiles } from "./installed-files.ts";
import type { Example } from "./learn.ts";
import { explain, makePatternAttacks, makePatternTexts, makeQuestions, sentenceElsewhere } from "./pattern-texts.ts";
import { pick, type Random, seededRandom } from "./random.ts";

const store = join(import.meta.dirname, "../../../node_modules/.pnpm");
const proseKinds = new Set(
  "natural everyday-prompt everyday-reply db-question literary math multilingual shell-question persona-prompt".split(" "),
);
const patternCount = 32_000;
const patternAttackCount = 14_000;
const questionCount = 3_000;
/** How many of the sentences before an attack are in other languages than the prose of the corpus mostly is. */
const elsewhereShare = 0.15;
/** There are more texts of this machine than of all others together; of those in which no detector sees anything, a part will do. */
const installedImportance = 0.4;
const unseenShare = 0.15;
/** What the patterns and the cases of the tests are for is rare elsewhere. */
const ownImportance = 3;
/** Sentences about an attack hold what elsewhere is one. */
const explainedImportance = 0.7;
/** What people quote of an attack is short. */
const longestExplained = 400;
/** A line this long that two texts share means that they are parts of the same file. */
const shareableLine = 40;

const ownInnocents = Object.values(innocentTexts).flat();
const ownAttacks = Object.values({ ...markupAttacks, ...sqlAttacks, ...shellAttacks, ...otherAttacks }).flat();

/** Permissively licensed code and documentation of this machine, without what the corpus took from the same files. */
export function readFiles(rows: readonly Row[]): InstalledFile[] {
  const known = new Set(rows.filter(({ isAttack }) => !isAttack).flatMap(({ text }) => longLines(text)));
  return readInstalledFiles(store).filter(({ text }) => !longLines(text).some((line) => known.has(line)));
}

/** What people would paste of these files. */
export function makeFileExamples(files: readonly InstalledFile[], foldOf: ReadonlyMap<string, number>, seed: number): Example[] {
  const random = seededRandom(seed);
  return files.flatMap((file) => {
    const examples = cut(file, random).flatMap((text) => toExamples(text, false, installedImportance));
    const kept = examples.filter(({ reading }) => reading.sees || random() < unseenShare);
    return inFold(kept, foldOf.get(file.source) ?? 0);
  });
}

function inFold(examples: readonly Example[], fold: number): Example[] {
  return examples.map((example) => ({ ...example, fold }));
}

/** What a text begins with, up to the end of a sentence where it has one. */
function opening(text: string, random: Random): string {
  const head = text.slice(0, 200);
  const end = Math.max(...[". ", "? ", "! ", ".\n", "?\n", "!\n"].map((mark) => head.lastIndexOf(mark)));
  return text.length > 200 && end > 0 && random() < 0.8 ? head.slice(0, end + 1) : head.trimEnd();
}

function longLines(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replaceAll(/\s+/g, " ").trim().toLowerCase());
  return lines.filter((line) => line.length >= shareableLine);
}

function teaches(row: Row): boolean {
  return row.mayTrain && (!row.isAttack || row.context === "inject") && !isDoubtful(row);
}

/** Everything that these rows teach, with augmentation by texts of the same fold, so that a fold can be left out whole. */
export function makeExamples(rows: readonly Row[], foldOf: ReadonlyMap<string, number>, seed: number): Example[] {
  const random = seededRandom(seed);
  const teaching = rows.filter(teaches);
  const folds = Map.groupBy(teaching, ({ source }) => foldOf.get(source) ?? 0);
  return [...folds].flatMap(([fold, members]) => {
    const prose = members.filter(({ isAttack, kind }) => !isAttack && proseKinds.has(kind)).map(({ text }) => text);
    const sentence = (): string =>
      random() < elsewhereShare ? sentenceElsewhere(random) : opening(pick(prose.length === 0 ? ownInnocents : prose, random), random);
    const examples = members.flatMap((row) => (row.isAttack ? fromAttack(row, sentence, random) : fromInnocent(row, sentence, random)));
    return inFold(examples, fold);
  });
}

/** The patterns, and the cases of the package's own tests, which are in no corpus. */
export function makeOwnExamples(seed: number): Example[] {
  const random = seededRandom(seed);
  const sentence = (): string => (random() < elsewhereShare ? sentenceElsewhere(random) : pick(ownInnocents, random));
  const everyday = makePatternTexts(patternCount, ownInnocents, random);
  const attacks = makePatternAttacks(patternAttackCount, ownInnocents, random);
  const questions = makeQuestions(questionCount, ownInnocents, random);
  return [
    ...everyday.flatMap((text) => toExamples(text, false, ownImportance)),
    ...questions.flatMap((text) => toExamples(text, false, 1)),
    ...attacks.flatMap((text, index) => fromPatternAttack(text, index, sentence, random)),
    ...ownAttacks.flatMap((text) => toExamples(text, true, ownImportance)),
    ...ownAttacks.flatMap((text) => toExamples(placeAfter(text, sentence(), random), true, ownImportance)),
    ...ownAttacks.flatMap((text) => toExamples(explain(text, sentence(), random), false, 2)),
    ...ownInnocents.flatMap((text) => toExamples(text, false, ownImportance)),
    ...ownInnocents.flatMap((text) => toExamples(`${sentence()}\n\n${text}`, false, ownImportance)),
  ];
}

function fromPatternAttack(text: string, index: number, sentence: () => string, random: Random): Example[] {
  const examples = toExamples(text, true, 1);
  if (index % 2 === 1) examples.push(...toExamples(placeAfter(text, sentence(), random), true, 1));
  if (index % 8 === 0) examples.push(...toExamples(explain(text, sentence(), random), false, 1));
  return examples;
}

function fromAttack({ text }: Row, sentence: () => string, random: Random): Example[] {
  const explained = text.length < longestExplained ? toExamples(explain(text, sentence(), random), false, explainedImportance) : [];
  return [
    ...explained,
    ...toExamples(text, true, 1),
    ...toExamples(placeAfter(text, sentence(), random), true, 1.5),
    ...toExamples(placeAfter(text, sentence(), random), true, 1.5),
    ...toExamples(vary(text, sentence(), random), true, 0.5),
    ...toExamples(vary(text, sentence(), random), true, 0.5),
  ];
}

function fromInnocent({ text }: Row, sentence: () => string, random: Random): Example[] {
  return [...toExamples(text, false, 1.5), ...toExamples(varyInnocent(text, sentence(), random), false, 1)];
}

/** None for a text that is never judged. */
function toExamples(text: string, isAttack: boolean, importance: number): Example[] {
  const reading = read(gatherEvidence(text, "prose"), text);
  if (reading === undefined) return [];
  const excerpts = reading.excerpts.map((excerpt) => excerpt.slice());
  return [{ reading: { ...reading, excerpts }, unseen: featuresOf([], text), isAttack, importance }];
}
