import assert from "node:assert/strict";
import { test } from "node:test";

import { memoize } from "@aivillage/middleware";

function counted(most: number) {
  const computed: string[] = [];
  const known = memoize(most, (text) => {
    computed.push(text);
    return text.length > 1;
  });
  return { computed, known };
}

test("a text in use is computed once, whatever its result", () => {
  const { computed, known } = counted(10);
  assert.deepEqual([known("a"), known("a"), known("bb"), known("bb")], [false, false, true, true]);
  assert.deepEqual(computed, ["a", "bb"]);
});

test("a flood of other texts does not push out one that comes again and again", () => {
  const { computed, known } = counted(10);
  for (let other = 0; other < 1_000; other += 1) {
    known("in use");
    known(`flood ${other}`);
  }
  assert.equal(computed.filter((text) => text === "in use").length, 1);
});

test("what is not in use is forgotten, and a long text is never kept", () => {
  const { computed, known } = counted(10);
  known("once");
  for (let other = 0; other < 20; other += 1) known(`other ${other}`);
  known("once");
  known("x".repeat(65));
  known("x".repeat(65));
  assert.equal(computed.filter((text) => text === "once").length, 2);
  assert.equal(computed.filter((text) => text.startsWith("x")).length, 2);
});
