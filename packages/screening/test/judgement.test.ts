import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { test } from "node:test";

import { screen } from "../src/index.ts";
import { featureSlots } from "../src/judgement/feature-slots.ts";
import { featuresOf } from "../src/judgement/features.ts";
import { weigh } from "../src/judgement/model.ts";
import { ngramSlots, slotsOf } from "../src/judgement/ngrams.ts";
import { read, type Reading } from "../src/judgement/reading.ts";
import { writeSymbols } from "../src/judgement/symbols.ts";
import { trained } from "../src/judgement/trained-weights.ts";
import { loadWeights } from "../src/judgement/weights.ts";
import { strongestWindow } from "../src/judgement/windows.ts";
import { gatherEvidence } from "../src/screen.ts";

function readText(text: string): Reading {
  const reading = read(gatherEvidence(text, "prose"), text);
  assert.ok(reading);
  return reading;
}

test("a finding says how sure the screening is, and why it counts", () => {
  const [judged] = screen("x' or 1=1 --", { profile: "prose" });
  assert.equal(judged?.basis, "both");
  assert.ok(judged.confidence > 0.9 && judged.confidence <= 1);
  const [strict] = screen("x' or 1=1 --", { profile: "strict" });
  assert.equal(strict?.basis, "evidence");
  assert.equal(strict.confidence, strict.score / 10);
});

test("without the judgement, what the detectors count is found", () => {
  assert.deepEqual(screen("copy & paste", { profile: "prose" }), []);
  assert.equal(screen("copy & paste", { profile: "prose", judge: false })[0]?.rule, "chained-command");
});

test("the same text always has the same findings", () => {
  const text = "What is new? x' or 1=1 --";
  const first = screen(text, { profile: "prose" });
  screen("Java & Python <script>alert(1)</script>", { profile: "prose" });
  assert.deepEqual(screen(text, { profile: "prose" }), first);
});

test("a short text in which no rule sees anything is judged, and a long one is not", () => {
  const isRead = (text: string): boolean => read(gatherEvidence(text, "prose"), text) !== undefined;
  assert.ok(!isRead("What is the capital of France?"));
  assert.ok(isRead("a; b"));
  assert.ok(!isRead("a; b ".repeat(100)));
});

test("of a text without evidence, the last sentence is looked at by itself", () => {
  const alone = featuresOf([], "1;do (1=1)");
  const sharedWith = (text: string): number => alone.filter((slot) => featuresOf([], text).includes(slot)).length;
  const after = sharedWith("What is the capital of France? 1;do (1=1)");
  assert.ok(after > sharedWith("What is the capital of France? It is a town."));
  assert.ok(after > sharedWith("What is the capital of France 1;do (1=1)"));
});

test("under `model`, what does not attack the HTTP stack itself is flagged", () => {
  const outcomes = (text: string): string[] => screen(text, { profile: "model" }).map(({ outcome }) => outcome);
  assert.deepEqual([...new Set(outcomes("x' or 1=1 -- <script>alert(1)</script>"))], ["flag"]);
  assert.deepEqual(outcomes("How do I reverse a list?"), []);
  assert.deepEqual([...new Set(screen("x' or 1=1 --", { profile: "prose" }).map(({ outcome }) => outcome))], ["block"]);
});

test("a text that was not read to its end is refused whatever the judgement says", () => {
  const rules = screen("%41".repeat(50_000), { profile: "prose" }).map(({ rule }) => rule);
  assert.ok(rules.includes("too-many-signs"));
});

test("the judgement reads no more of a long text than of a short one", () => {
  for (const unit of ["Java & Python\n", "x' or 1=1 -- <script>alert(1)</script> ; id\n", "%27 or 1=1 ../../etc/passwd "]) {
    const text = unit.repeat(50_000);
    const { excerpts } = readText(text);
    const symbols = excerpts.reduce((sum, excerpt) => sum + excerpt.length, 0);
    assert.ok(excerpts.length <= 4 && symbols <= 4 * 602, `${symbols}`);
  }
});

test("the weights fit their file, which says what is in it", () => {
  const { version, date, digest, ...learned } = trained;
  const file = new URL("../src/judgement/trained-weights.ts", import.meta.url);
  assert.ok(statSync(file).size <= 256 * 1_024);
  assert.equal(version, 6);
  assert.match(date, /^\d{4}-\d\d-\d\d$/);
  assert.equal(createHash("sha256").update(JSON.stringify(learned)).digest("hex"), digest);
  const { ngrams, features } = loadWeights().model;
  assert.deepEqual([ngrams.weights.length, features.weights.length], [ngramSlots, featureSlots]);
});

test("a text is weighed by its strongest window, wherever it stands", () => {
  const { model } = loadWeights();
  const weightOf = (text: string): number => weigh(readText(text), model);
  assert.ok(weightOf("x' or 1=1 --") > 0);
  assert.ok(weightOf(`${"Tell me about the history of Rome. ".repeat(20)}x' or 1=1 --`) > 0);
});

test("symbols are the same for any case, digits, line ends and repetitions", () => {
  const symbolsOf = (text: string): number[] => {
    const symbols = new Uint8Array(text.length + 2);
    return [...symbols.subarray(0, writeSymbols(text, 0, text.length, symbols))];
  };
  assert.deepEqual(symbolsOf("UNION  Select 12\r\n-------"), symbolsOf("union select 98765\n---"));
  assert.deepEqual(
    symbolsOf("été"),
    symbolsOf("что").map((symbol, index) => (index === 2 ? "t".charCodeAt(0) : symbol)),
  );
  assert.notDeepEqual(symbolsOf("a'b"), symbolsOf('a"b'));
});

test("the strongest window is the one that a search over all of them finds", () => {
  const symbols = Uint8Array.from({ length: 300 }, (_, index) => (index * 7919) % 97);
  const weights = Float32Array.from({ length: ngramSlots }, (_, slot) => ((slot * 31) % 19) - 9);
  const sumOf = (start: number, end: number): number => slotsOf(symbols, start, end).reduce((sum, slot) => sum + (weights[slot] ?? 0), 0);
  let best = -Infinity;
  for (const length of [16, 32, 64, 128]) for (let end = length; end <= 300; end += 1) best = Math.max(best, sumOf(end - length, end));
  const found = strongestWindow(symbols, weights);
  assert.equal(found.sum, best);
  assert.equal(sumOf(found.start, found.end), best);
});
