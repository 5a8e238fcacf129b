import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { KeywordMarks } from "../src/schema/keyword-marks.ts";
import { SchemaMarks } from "../src/schema/schema-marks.ts";

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
    const { screen } = new KeywordMarks();
    const holders = Array.from({ length: 30 }, () => ({}));
    for (const profile of ["prose", "strict", "off"] as const) {
      for (const holder of holders) screen.set(holder, "a", { profile, kind: profile === "strict" ? "flag" : "conversation" });
    }
    for (const holder of holders) assert.deepEqual(screen.get(holder, "a"), { profile: "strict", kind: "conversation" });
  });

  test("of a document that is a string itself have no holder", () => {
    const { screen } = new KeywordMarks();
    screen.set(undefined, undefined, { profile: "prose", kind: "refuse" });
    assert.equal(screen.get(undefined, "")?.profile, "prose");
  });
});
