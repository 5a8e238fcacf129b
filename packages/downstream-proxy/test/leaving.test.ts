import assert from "node:assert/strict";
import { test } from "node:test";

import { abortMany } from "./aborting.ts";
import { kinds, leave, phases } from "./leaving.ts";

/** Far more than it takes, for machines that are busy with other things; the soak measures. */
const boundMs = 2_000;

for (const phase of phases) {
  for (const kind of kinds) {
    test(`${phase}, ${kind}: the other side sees the close at once`, async () => {
      for (let repetition = 0; repetition < 5; repetition += 1) {
        const tookMs = await leave(phase, kind);
        assert.ok(tookMs < boundMs, `${tookMs} ms`);
      }
    });
  }
}

test("after 300 aborted requests open handles and heap are where they were", async () => {
  const { before, after } = await abortMany(300);
  assert.ok(after.handles <= before.handles + 2, `${before.handles} handles before, ${after.handles} after`);
  assert.ok(after.heapMiB < before.heapMiB + 8, `${before.heapMiB} MiB before, ${after.heapMiB} after`);
});
