import assert from "node:assert/strict";
import { test } from "node:test";

import { randomEnds } from "./random-ends.ts";

test("of a million requests that end at random each gives back its slot exactly once", { timeout: 3_600_000 }, async (t) => {
  const tally = await randomEnds(1_000_000, 2, 2, 96);
  t.diagnostic(JSON.stringify(tally));
  assert.equal(tally.released, tally.admitted);
  assert.deepEqual([tally.inFlight, tally.waiting], [0, 0]);
  assert.ok(tally.most <= 2, `${tally.most} at once`);
  assert.ok(tally.refused > 0 && tally.left > 0, `${tally.refused} refused, ${tally.left} left`);
});
