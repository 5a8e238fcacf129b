import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { KeywordMarks } from "../src/schema/keyword-marks.ts";
import { SchemaMarks } from "../src/schema/schema-marks.ts";
import { toMarkIndex } from "../src/schema/screen-mark.ts";

describe("marks of a schema", () => {
  test("are found by holder and key, however many there are", () => {
    const marks = new SchemaMarks<number>((known, added) => Math.max(known, added));
    assert.ok(marks.isEmpty);
    const holders = Array.from({ length: 30 }, () => ({}));
    for (const [index, holder] of holders.entries()) marks.set(holder, "a", index);
    for (const [index, holder] of holders.entries()) marks.set(holder, 0, index + 100);
    for (const [index, holder] of holders.entries()) {
      assert.equal(marks.get(holder, "a"), index);
      assert.equal(marks.get(holder, 0), index + 100);
      assert.equal(marks.get(holder, "b"), undefined);
    }
    assert.equal(marks.get({}, "a"), undefined);
    assert.ok(!marks.isEmpty);
  });

  test("merge where two schemas meet, the first as the last", () => {
    const marks = new KeywordMarks();
    const holders = Array.from({ length: 30 }, () => ({}));
    for (const keyword of ["prose", { flag: "strict" }, { conversation: "model" }, { off: "why" }]) {
      for (const holder of holders) marks.setScreen(holder, "a", "", toMarkIndex(keyword));
    }
    for (const holder of holders) assert.deepEqual(marks.screen.get(holder, "a"), { profile: "strict", kind: "refuse", refuses: true });
    assert.ok(!marks.marksContainers);
  });

  test("of a document that is a string itself have no holder", () => {
    const marks = new KeywordMarks();
    marks.setScreen(undefined, undefined, "", toMarkIndex({ conversation: "prose" }));
    assert.deepEqual(marks.screen.get(undefined, ""), { profile: "prose", kind: "conversation", refuses: true });
  });
});
