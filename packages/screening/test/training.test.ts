import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { featuresOf } from "../src/judgement/features.ts";
import { weigh } from "../src/judgement/model.ts";
import { read, type Reading } from "../src/judgement/reading.ts";
import { gatherEvidence } from "../src/screen.ts";
import { calibrate } from "../training/calibrate.ts";
import { chooseLimits } from "../training/choose-limits.ts";
import { dealFolds, type Row } from "../training/corpus.ts";
import { readInstalledFiles } from "../training/installed-files.ts";
import { type Example, learn, type LearnOptions } from "../training/learn.ts";

const options: LearnOptions = { seed: 3, runs: 1, epochs: 6, rate: 0.03, decay: 0.01, blindShare: 0.1 };
const readingOf = (text: string): Reading => {
  const reading = read(gatherEvidence(text, "prose"), text);
  assert.ok(reading);
  return { ...reading, excerpts: reading.excerpts.map((excerpt) => excerpt.slice()) };
};
const teach = (text: string, isAttack: boolean): Example => ({
  reading: readingOf(text),
  unseen: featuresOf([], text),
  isAttack,
  importance: 1,
});
const lessons = [
  ...["x' or 1=1 --", "y' or 2=2 #", "z' and 3=3 --", "1; drop table t --"].map((text) => teach(text, true)),
  ...["copy & paste", "date & time", "Is 2 > 1 and 3 > 2?", "x = 1 or x = 2"].map((text) => teach(text, false)),
];

test("learning separates its training examples, and repeats to the bit", () => {
  const model = learn(lessons, options);
  for (const { reading, isAttack } of lessons) assert.equal(weigh(reading, model) > 0, isAttack);
  assert.deepEqual(learn(lessons, options), model);
  assert.notDeepEqual(learn(lessons, { ...options, seed: 4 }), model);
});

test("all texts of a source are in one fold, and the folds are of about the same size", () => {
  const rows = ["a", "b", "c", "d"].flatMap((source, index) =>
    Array.from({ length: 10 + index }, (_, row): Row => ({
      id: `${source}${row}`,
      isAttack: row % 2 === 0,
      text: "",
      kind: "",
      context: "",
      source,
      mayTrain: true,
    })),
  );
  const foldOf = dealFolds(rows, [], 2);
  assert.deepEqual([...foldOf.keys()].toSorted(), ["a", "b", "c", "d"]);
  const first = rows.filter(({ source }) => foldOf.get(source) === 0).length;
  assert.ok(Math.abs(rows.length - 2 * first) <= 4);
});

test("each installed package is one source, in whichever versions and folders it is", (context) => {
  const project = mkdtempSync(join(tmpdir(), "project-"));
  context.after(() => rmSync(project, { recursive: true }));
  const store = join(project, "node_modules/.pnpm");
  for (const [folder, name] of [
    ["a@1.0.0", "a"],
    ["a@2.0.0", "a"],
    ["b@1.0.0", "@scope/b"],
  ] as const) {
    const root = join(store, folder, "node_modules", name);
    mkdirSync(join(root, "lib"), { recursive: true });
    writeFileSync(join(root, "package.json"), '{"license":"MIT"}');
    writeFileSync(join(root, "lib/index.js"), "export {};");
  }
  const sources = readInstalledFiles(store)
    .filter(({ name }) => name.startsWith(store))
    .map(({ source }) => source);
  assert.deepEqual(sources.toSorted(), ["@scope/b", "@scope/b", "a", "a", "a", "a"]);
});

test("the calibration gives half the odds where attacks and innocent texts meet", () => {
  const told = [-4, -3, -2, -1, 1, 2, 3].flatMap((weight) => [
    { weight, isAttack: weight > 0 },
    { weight: weight / 2, isAttack: weight > 1 },
  ]);
  const { slope, offset } = calibrate(told);
  assert.ok(slope > 0);
  assert.ok(1 / (1 + Math.exp(-(slope * 4 + offset))) > 0.9);
  assert.ok(1 / (1 + Math.exp(-(slope * -4 + offset))) < 0.1);
});

test("a limit keeps its distance from single texts on either side", () => {
  const rowOf = (isAttack: boolean): Row => ({
    id: "",
    isAttack,
    text: "",
    kind: isAttack ? "sqli" : "natural",
    context: "inject",
    source: "",
    mayTrain: true,
  });
  const told = (isAttack: boolean, weight: number) => ({
    row: rowOf(isAttack),
    fold: 0,
    alone: { counts: true, sees: true, harms: false, weight },
  });
  const { disagree } = chooseLimits([told(false, -1), ...Array.from({ length: 60 }, () => told(true, 3))]);
  assert.ok(disagree >= -0.5 && disagree <= 2.25, `${disagree}`);
});
