import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { screen } from "../src/index.ts";
import { innocentFields, innocentTexts } from "./cases/innocent-texts.ts";

const rulesOf = (text: string, profile: "prose" | "strict"): string[] =>
  screen(text, { profile }).map(({ class: attackClass, rule }) => `${attackClass}/${rule}`);

describe("passes as prose", () => {
  for (const [kind, texts] of Object.entries(innocentTexts)) {
    describe(kind, () => {
      for (const text of texts) test(text.slice(0, 70), () => assert.deepEqual(rulesOf(text, "prose"), []));
    });
  }
});

test("innocent texts pass behind each other too, as the turns of a conversation", () => {
  const turns = Object.values(innocentTexts).flat();
  const refused = turns.filter((turn, index) => rulesOf(`${turns[index - 1] ?? ""}\n\n${turn}`, "prose").length > 0);
  assert.ok(refused.length <= turns.length / 20, JSON.stringify(refused));
});

describe("passes in a strict field", () => {
  for (const text of innocentFields) test(text, () => assert.deepEqual(rulesOf(text, "strict"), []));
});
