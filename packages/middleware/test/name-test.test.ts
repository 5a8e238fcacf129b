import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { nameTest } from "../src/index.ts";

test("a star stands for any characters, also for none", () => {
  const matches = nameTest(["gpt-*-mini", "qwen3", "*/llama*"]);
  for (const name of ["gpt-5-mini", "gpt--mini", "qwen3", "meta/llama", "meta/llama-4"]) assert.ok(matches(name), name);
  for (const name of ["gpt-mini", "xgpt-5-mini", "gpt-5-mini-2", "qwen30", "llama", "", undefined]) assert.ok(!matches(name), name);
});

test("without a list every name passes, and none too", () => {
  assert.deepEqual([nameTest(undefined)("a"), nameTest(undefined)(undefined), nameTest([])("a")], [true, true, false]);
});

test("it agrees with a regular expression for every pattern", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 6 });
  fc.assert(
    fc.property(text, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 }), (pattern, name) => {
      assert.equal(nameTest([pattern])(name), new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));
    }),
  );
});
