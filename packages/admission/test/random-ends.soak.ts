import assert from "node:assert/strict";
import { test } from "node:test";

import { randomEnds } from "./random-ends.ts";

const requests = 1_000_000;
const slots = 8;
const reportEvery = 50_000;
// Many of the ends are errors, and a tenth of the time would go to their stacks.
Error.stackTraceLimit = 0;

test("of a million requests that end at random each gives back its slot exactly once", { timeout: 7_200_000 }, async (t) => {
  let reported = 0;
  const onProgress = (ended: number): void => {
    if (ended < reported + reportEvery) return;
    reported = ended;
    console.error(`${new Date().toISOString()} ${ended} of ${requests} requests have ended`);
  };
  const tally = await randomEnds({ requests, slots, seed: 2, clients: 40, onProgress });
  t.diagnostic(JSON.stringify(tally));
  assert.equal(tally.released, tally.admitted);
  assert.deepEqual([tally.inFlight, tally.waiting], [0, 0]);
  assert.ok(tally.most <= slots, `${tally.most} at once`);
  assert.ok(tally.refused > 0 && tally.left > 0, `${tally.refused} refused, ${tally.left} left`);
  assert.ok(tally.drains > 100 && tally.reloads > 100, `${tally.drains} drains, ${tally.reloads} reloads`);
});
