import assert from "node:assert/strict";
import { test } from "node:test";

import { boundsMs, bucketOf, quantile } from "../src/series/buckets.ts";
import { counterTable, overflowKey } from "../src/series/counter-table.ts";
import { RollingGroup } from "../src/series/rolling-group.ts";
import { momentOf, Rolling, slotCount, slotMs } from "../src/series/rolling.ts";

test("a window counts what is in its slots, and forgets what is older", () => {
  const window = new Rolling(2, 1_000);
  window.add([1, 0]);
  window.advance(1_001);
  window.add([2, 5]);
  assert.deepEqual([...window.total], [3, 5]);
  assert.equal(window.recent(0, 1), 2);
  window.advance(1_000 + slotCount);
  assert.deepEqual([...window.total], [2, 5]);
  assert.equal(window.isEmpty, false);
  window.advance(1_001 + slotCount);
  assert.deepEqual([...window.total], [0, 0]);
  assert.equal(window.isEmpty, true);
  window.advance(9_999_999);
  assert.deepEqual([...window.total], [0, 0]);
});

test("what was counted between two readings belongs to the slot between them, even if the second is late", () => {
  assert.equal(momentOf(10 * slotMs, 11 * slotMs).slot, 10);
  assert.equal(momentOf(10 * slotMs, 11 * slotMs + 2_000).slot, 10);
  assert.equal(momentOf(10 * slotMs + 2_000, 12 * slotMs).slot, 11);
});

test("the sums of processes grow by what each has added, also after one has started again", () => {
  const group = new RollingGroup(1, 10);
  group.advance(1);
  group.take("one", [["a", [5]]]);
  group.take("two", [["a", [1]]]);
  group.take("one", [["a", [7]]]);
  group.take("two", [["a", [0]]]);
  group.take("two", [["a", [2]]]);
  assert.deepEqual(
    group.entries().map(([key, { total }]) => [key, total[0]]),
    [["a", 5 + 1 + 2 + 2]],
  );
});

test("keys beyond the limit share one row, and a group makes room when one is not used any more", () => {
  const table = counterTable(1, 3);
  for (const key of ["a", "b", "c", "d"]) table.row(key)[0] = 1;
  assert.deepEqual(
    table.entries().map(([key]) => key),
    ["a", "b", overflowKey],
  );
  const group = new RollingGroup(1, 1);
  group.advance(1);
  group.take("one", [["a", [1]]]);
  group.take("one", [
    ["a", [1]],
    ["b", [1]],
  ]);
  assert.equal(group.entries().length, 1);
  group.advance(1 + slotCount);
  group.take("one", [
    ["a", [1]],
    ["b", [3]],
  ]);
  assert.deepEqual(
    group.entries().map(([key]) => key),
    ["b"],
  );
});

test("a quantile lies between the bounds of the bucket that holds it", () => {
  const counts = Array.from({ length: boundsMs.length + 1 }, () => 0);
  for (const ms of [3, 3, 3, 90]) counts[bucketOf(ms)] = (counts[bucketOf(ms)] ?? 0) + 1;
  assert.ok(Math.abs((quantile(0.5, counts) ?? 0) - 3) < 1.5);
  assert.ok(Math.abs((quantile(0.99, counts) ?? 0) - 90) < 40);
  assert.equal(quantile(0.5, counts.fill(0)), undefined);
  for (const ms of [0, 0.5, 1, 1.4, 59_000, 1e9]) {
    const bucket = bucketOf(ms);
    assert.ok(ms <= (boundsMs[bucket] ?? Infinity) && ms > (bucket === 0 ? -1 : (boundsMs[bucket - 1] ?? 0)), String(ms));
  }
});
