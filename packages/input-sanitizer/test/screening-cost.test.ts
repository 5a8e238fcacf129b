import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { screen } from "../src/index.ts";
import { hostileText, pieces } from "./adversarial.ts";
import { ruleCases } from "./rule-cases.ts";

/** Milliseconds of processor time, the best of a few. */
function cost(text: string, rounds: number): number {
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    screen(text, { profile: "strict" });
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

const repeated = (piece: string, length: number): string => piece.repeat(Math.ceil(length / piece.length));
/** What every rule finds, what innocently looks like it, and what some recogniser looks at closely. */
const adversarial = [...Object.values(ruleCases).flatMap(({ attacks, innocent = [] }) => attacks.concat(innocent)), ...pieces];

test("a text of twice the length takes no more than about twice the time, for what any rule looks at", () => {
  const isWorse = (piece: string): boolean => cost(repeated(piece, 16_000), 2) > 3.5 * cost(repeated(piece, 8_000), 2) + 6;
  // Three times in a row, for the sake of a busy machine; a quadratic scan would be there every time.
  const superlinear = adversarial.filter((piece) => isWorse(piece) && isWorse(piece) && isWorse(piece));
  assert.deepEqual(superlinear, []);
});

test("what comes once before many of something else does not make it slow either", () => {
  const openings = ["(", "?", "'", '"', "`", "```", "<!--", "/*", "<?xml ?>", "{{", "$(", "<a b='", "unix:", "@{[", "select ", "%"];
  const fillers = [")", "=", "'", '"', "`", "a", " ", "<", "*", "}", "%2", "&#", "..", ";", "\n", "or "];
  const slow = openings.flatMap((opening) =>
    fillers.filter((filler) => cost(opening + repeated(filler, 16_000), 1) > 25 && cost(opening + repeated(filler, 16_000), 3) > 25),
  );
  assert.deepEqual(slow, []);
});

test("a megabyte is read in a moment", () => {
  for (const piece of ["a", "'", "<", "\uff07", "<a b='", "&#x3c;", "%2525", "..\\", "or 1=1 ", "((select ", "; ls ", "{{7*7}}"]) {
    // Tens of milliseconds on a quiet machine.
    assert.ok(cost(repeated(piece, 1_000_000), 2) < 500, piece);
  }
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
    { numRuns: 1_000 },
  );
});

test("what prose refuses, strict refuses too", () => {
  fc.assert(
    fc.property(hostileText(12), (text) => {
      const refused = screen(text, { profile: "prose" }).length > 0;
      assert.ok(!refused || screen(text, { profile: "strict" }).length > 0);
    }),
    { numRuns: 600 },
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
