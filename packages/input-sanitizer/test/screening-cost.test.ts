import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { screen } from "../src/index.ts";
import { hostileText, pieces } from "./adversarial.ts";

const size = 1_000_000;

function milliseconds(text: string): number {
  const start = performance.now();
  screen(text, { profile: "prose" });
  return performance.now() - start;
}

test("a megabyte of any piece is read in a moment", () => {
  const slow = pieces.filter((piece) => {
    const text = piece.repeat(Math.ceil(size / piece.length));
    // Tens of milliseconds on a quiet machine; a quadratic scan takes minutes. Twice, for the sake of a busy one.
    return milliseconds(text) > 1_000 && milliseconds(text) > 1_000;
  });
  assert.deepEqual(slow, []);
});

test("any text gives findings inside the text and never an error, twice the same", () => {
  fc.assert(
    fc.property(hostileText(40), fc.constantFrom("strict", "prose"), (text, profile) => {
      const findings = screen(text, { profile });
      for (const { span, score } of findings) {
        assert.ok(span[0] >= 0 && span[0] <= span[1], String(span));
        assert.ok(score >= 1 && score <= 10);
      }
      screen("something else: ' or 1=1 -- <a b='c'>", { profile });
      assert.deepEqual(screen(text, { profile }), findings);
    }),
    { numRuns: 3_000 },
  );
});

test("what prose refuses, strict refuses too", () => {
  fc.assert(
    fc.property(hostileText(12), (text) => {
      const refused = screen(text, { profile: "prose" }).length > 0;
      assert.ok(!refused || screen(text, { profile: "strict" }).length > 0);
    }),
    { numRuns: 1_500 },
  );
});

test("a text from a slice of a larger one is judged like a text of its own", () => {
  fc.assert(
    fc.property(hostileText(12), (text) => {
      const sliced = `........${text}........`.slice(8, 8 + text.length);
      assert.deepEqual(screen(sliced, { profile: "prose" }), screen(text, { profile: "prose" }));
    }),
    { numRuns: 500 },
  );
});
