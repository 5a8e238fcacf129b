import assert from "node:assert/strict";
import { test } from "node:test";

import { toPassages } from "../src/knowledge/passages.ts";

test("paragraphs become passages, whatever the line ends are", () => {
  assert.deepEqual(toPassages("One.\r\n\r\nTwo,\r\nstill two.\n \t\n\n Three \n"), ["One.", "Two, still two.", "Three"]);
});

test("what has no letter and no digit is no passage", () => {
  assert.deepEqual(toPassages("---\n\n* * *\n\n\n"), []);
});

test("a long paragraph is cut between sentences, and nothing is lost", () => {
  const sentences = Array.from({ length: 40 }, (_, index) => `This is sentence number ${index} of a paragraph without end.`);
  const passages = toPassages(sentences.join(" "));
  assert.ok(passages.length > 4);
  for (const passage of passages) {
    assert.ok(passage.length <= 400);
    assert.match(passage, /^This is .* end\.$/);
  }
  assert.equal(passages.join(" "), sentences.join(" "));
});

test("a line without end is cut at 400 characters, between characters and not within one", () => {
  const passages = toPassages("🌊x".repeat(500));
  assert.equal(passages.join(""), "🌊x".repeat(500));
  for (const passage of passages) assert.ok(passage.isWellFormed() && passage.length <= 800);
});

test("a text of spaces and line ends takes no time", () => {
  const begin = performance.now();
  toPassages(`a${" \n".repeat(500_000)}b. ${" ".repeat(1_000_000)}c`);
  // Distinguishes a hang from a slow response, no more: with the square of the length it is hours.
  assert.ok(performance.now() - begin < 60_000);
});
