import assert from "node:assert/strict";
import { test } from "node:test";

import { randomEnds } from "./random-ends.ts";

test("of thousands of requests that end at random each gives back its slot exactly once", async () => {
  const tally = await randomEnds({ requests: 3_000, slots: 2, seed: 1, clients: 32 });
  assert.equal(tally.released, tally.admitted);
  assert.deepEqual([tally.inFlight, tally.waiting], [0, 0]);
  assert.ok(tally.most <= 2, `${tally.most} at once`);
  assert.equal(Object.keys(tally.byEnd).length, 10, "every end has come up");
  assert.ok(tally.refused > 0 && tally.left > 0, `${tally.refused} refused, ${tally.left} left`);
  assert.ok(tally.drains > 0 && tally.reloads > 0, `${tally.drains} drains, ${tally.reloads} reloads`);
});
