import assert from "node:assert/strict";

import * as fc from "fast-check";

import { screen } from "../src/index.ts";
import { hostileText } from "./adversarial.ts";

/** Any text gives findings inside the text and never an error, twice the same. */
export function findsTheSameTwice(numRuns: number): void {
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
    { numRuns },
  );
}

/** What a rule refuses in prose, strict refuses too. It has no judgement, which takes a few texts without any sign for attacks. */
export function strictRefusesMore(numRuns: number): void {
  fc.assert(
    fc.property(hostileText(12), (text) => {
      const isRefused = screen(text, { profile: "prose" }).some(({ basis }) => basis !== "judgement");
      assert.ok(!isRefused || screen(text, { profile: "strict" }).length > 0);
    }),
    { numRuns },
  );
}

/** A text from a slice of a larger one is judged like a text of its own. */
export function judgesSlicesAlike(numRuns: number): void {
  fc.assert(
    fc.property(hostileText(12), (text) => {
      const sliced = `........${text}........`.slice(8, 8 + text.length);
      assert.deepEqual(screen(sliced, { profile: "prose" }), screen(text, { profile: "prose" }));
    }),
    { numRuns },
  );
}
