import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { screen } from "../src/index.ts";
import { markupAttacks } from "./cases/markup-attacks.ts";
import { aloneOnly, otherAttacks } from "./cases/other-attacks.ts";
import { shellAttacks } from "./cases/shell-attacks.ts";
import { sqlAttacks } from "./cases/sql-attacks.ts";

const questions = ["What is the capital of France?", "Tell me about Rome."];
const groups = Object.entries({ ...markupAttacks, ...sqlAttacks, ...shellAttacks, ...otherAttacks });
const passes = (text: string, profile: "prose" | "strict"): boolean => screen(text, { profile }).length === 0;

for (const [group, attacks] of groups) {
  describe(group, () => {
    test(`none of ${attacks.length} passes as prose`, () => {
      assert.deepEqual(
        attacks.filter((attack) => passes(attack, "prose")),
        [],
      );
    });

    test("none passes behind a question", () => {
      const behind = attacks.filter((attack) => !aloneOnly.has(attack));
      assert.deepEqual(
        behind.filter((attack) => questions.some((question) => passes(`${question} ${attack}`, "prose"))),
        [],
      );
    });

    test("none passes in a strict field", () => {
      assert.deepEqual(
        attacks.filter((attack) => passes(attack, "strict")),
        [],
      );
    });

    test("none passes in percent escapes, not even twice", () => {
      const escaped = attacks.filter((attack) => !attack.includes("%")).map(encodeURIComponent);
      assert.deepEqual(
        escaped.filter((attack) => passes(attack, "prose") || passes(encodeURIComponent(attack), "prose")),
        [],
      );
    });

    test("findings lie inside of the text and name rules", () => {
      for (const attack of attacks) {
        for (const { span, score, rule } of screen(attack, { profile: "prose" })) {
          assert.ok(span[0] >= 0 && span[0] < span[1] && span[1] <= attack.length, `${attack}: ${rule} at ${span.join("-")}`);
          assert.ok(score >= 7 && score <= 10);
        }
      }
    });
  });
}

test("what is left alone behind a question is an attack by itself", () => {
  const all = new Set(groups.flatMap(([, attacks]) => attacks));
  for (const attack of aloneOnly) assert.ok(all.has(attack), attack);
});
