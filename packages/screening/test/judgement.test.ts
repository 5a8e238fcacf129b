import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { describe, test } from "node:test";

import { screen } from "../src/index.ts";
import { weigh } from "../src/judgement/model.ts";
import { ngramLengths, ngramSlots, writeSlots } from "../src/judgement/ngrams.ts";
import { read } from "../src/judgement/reading.ts";
import { writeSymbols } from "../src/judgement/symbols.ts";
import { trained } from "../src/judgement/trained-weights.ts";
import { loadWeights } from "../src/judgement/weights.ts";
import { strongestWindow } from "../src/judgement/windows.ts";
import { gatherEvidence } from "../src/screen.ts";

const isRefused = (text: string): boolean => screen(text, { profile: "prose" }).length > 0;

/** Everyday texts, and what an attacker writes with the same signs. */
const families: readonly (readonly [innocent: readonly string[], attacks: readonly string[]])[] = [
  [
    ["copy & paste", "date & time", "Java & Python", "Kubernetes & Docker", "HTML, CSS & PHP"],
    ["x & whoami", "8.8.8.8 && cat /etc/passwd"],
  ],
  [
    ['Click "Settings" and select "Profile".', "Open `File` and select `Save`"],
    ['x" and (select 1)=1 --', "x' and select password from users --"],
  ],
  [
    ["a number having 3 digits or more", "a class having 25 students and 2 teachers"],
    ["1' having 1=1 --", "1 group by id having 1=1 --"],
  ],
  [
    ['Translate: "Help!"', 'He said: "Stop!"'],
    ["'='", "' or 'a'='a"],
  ],
  [
    ["Add it before </body>", "It goes before the closing </html> tag."],
    ["</script><script>alert(1)</script>", "</textarea><img src=x onerror=alert(1)>"],
  ],
  [
    ["Languages\nPython\nRuby\nGo", "Requirements:\nPython 3.11 or newer\nNode 20"],
    ["x\npython -c 'import os'", "x\ncat /etc/passwd"],
  ],
  [["Ann: hi\r\nBob: hello\r\nAnn: are you coming?"], ["x\r\nSet-Cookie: admin=1", "x\r\nLocation: http://evil.example/"]],
  [["Corey is 10+1 = <<10+1=11>>11 years old."], ["x <<< $(id)"]],
  [
    ["Is 2 > 1 and 3 > 2?", "x = 1 or x = 2"],
    ["1 or 2 > 1 --", "x' or 1=1 --"],
  ],
];

describe("the judgement tells everyday texts from attacks with the same signs", () => {
  for (const [innocents, attacks] of families) {
    for (const text of innocents) test(`passes ${JSON.stringify(text)}`, () => assert.deepEqual(screen(text, { profile: "prose" }), []));
    for (const text of attacks) test(`catches ${JSON.stringify(text)}`, () => assert.ok(isRefused(text)));
  }
});

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

test("a text that was not read to its end is refused whatever the judgement says", () => {
  const rules = screen("%41".repeat(50_000), { profile: "prose" }).map(({ rule }) => rule);
  assert.ok(rules.includes("too-many-signs"));
});

test("the judgement reads no more of a long text than of a short one", () => {
  for (const unit of ["Java & Python\n", "x' or 1=1 -- <script>alert(1)</script> ; id\n", "%27 or 1=1 ../../etc/passwd "]) {
    const text = unit.repeat(50_000);
    const { excerpts } = read(gatherEvidence(text, "prose"), text);
    const symbols = excerpts.reduce((sum, excerpt) => sum + excerpt.length / ngramLengths, 0);
    assert.ok(excerpts.length <= 4 && symbols <= 4 * 602, `${symbols}`);
  }
});

test("the weights fit their file, which says what is in it", () => {
  const { version, date, digest, ...learned } = trained;
  const file = new URL("../src/judgement/trained-weights.ts", import.meta.url);
  assert.ok(statSync(file).size <= 256 * 1_024);
  assert.equal(version, 1);
  assert.match(date, /^\d{4}-\d\d-\d\d$/);
  assert.equal(createHash("sha256").update(JSON.stringify(learned)).digest("hex"), digest);
  assert.equal(loadWeights().model.ngrams.length, ngramSlots);
});

test("a text is weighed by its strongest window, wherever it stands", () => {
  const { model } = loadWeights();
  const weightOf = (text: string): number => weigh(read(gatherEvidence(text, "prose"), text), model);
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
  const slots = new Int32Array(300 * ngramLengths);
  writeSlots(symbols, 300, slots);
  const weights = Float32Array.from({ length: ngramSlots }, (_, slot) => ((slot * 31) % 19) - 9);
  const sumOf = (start: number, end: number): number =>
    slots.subarray(start * ngramLengths, end * ngramLengths).reduce((sum, slot) => sum + (slot < 0 ? 0 : (weights[slot] ?? 0)), 0);
  let best = -Infinity;
  for (const length of [16, 32, 64, 128]) for (let end = length; end <= 300; end += 1) best = Math.max(best, sumOf(end - length, end));
  const found = strongestWindow(slots, 300, weights, new Float64Array(301));
  assert.equal(found.sum, best);
  assert.equal(sumOf(found.start, found.end), best);
});
