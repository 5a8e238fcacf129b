import assert from "node:assert/strict";
import { test } from "node:test";

import { Trickle } from "../src/failures/trickle.ts";

/** How many of many clients are admitted at this time. */
function admitted(trickle: Trickle, now: number): number {
  let count = 0;
  for (let client = 0; client < 100; client += 1) {
    if (!trickle.hasRoom(String(client), now)) continue;
    trickle.take(String(client));
    count += 1;
  }
  return count;
}

test("without any outcome 1, 2, 4 and then 8 requests pass in each second", () => {
  const trickle = new Trickle(0, 8);
  const counts = [0, 1_000, 2_000, 3_000, 4_000].map((now) => admitted(trickle, now));
  assert.deepEqual(counts, [1, 2, 4, 8, 8]);
});

test("a quiet time does not save up room", () => {
  const trickle = new Trickle(0, 8);
  assert.equal(admitted(trickle, 0), 1);
  assert.equal(admitted(trickle, 60_000), 2);
});

test("one client gets one place in a second, and leaves the others theirs", () => {
  const trickle = new Trickle(0, 8);
  trickle.take("greedy");
  assert.equal(trickle.hasRoom("greedy", 1_000), true);
  trickle.take("greedy");
  assert.equal(trickle.hasRoom("greedy", 1_500), false);
  assert.equal(trickle.hasRoom("other", 1_500), true);
});

test("a response makes room at once, for its client too", () => {
  const trickle = new Trickle(0, 8);
  trickle.take("a");
  assert.equal(trickle.hasRoom("b", 10), false);
  trickle.responded();
  assert.equal(trickle.hasRoom("a", 10), true);
  assert.equal(admitted(trickle, 10), 2);
});
