import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { percentile, ratioOf, spreadOf } from "../src/statistics.ts";

describe("a percentile", () => {
  test("is the nearest value that there is", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    assert.deepEqual([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1)], [50, 99, 100]);
    assert.deepEqual([percentile([7], 0.5), percentile([7], 0.99)], [7, 7]);
  });

  test("of nothing is not a number", () => assert.ok(Number.isNaN(percentile([], 0.5))));
});

describe("a spread", () => {
  test("has the middle, the least and the greatest", () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
    assert.deepEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
    assert.deepEqual(spreadOf([9]), { median: 9, min: 9, max: 9 });
  });

  test("sorts as numbers and leaves its values alone", () => {
    const values = [10, 9, 100];
    assert.equal(spreadOf(values).median, 10);
    assert.deepEqual(values, [10, 9, 100]);
  });

  test("needs a value", () => assert.throws(() => spreadOf([]), /needs a value/));
});

describe("a ratio", () => {
  test("is taken round by round, so that a slow round counts for both", () => {
    assert.deepEqual(ratioOf([300, 30, 310], [100, 10, 100]), { median: 3, min: 3, max: 3.1 });
  });

  test("uses the rounds that both have", () => {
    assert.deepEqual(ratioOf([2, 4, 6], [1, 1]), { median: 3, min: 2, max: 4 });
  });
});
