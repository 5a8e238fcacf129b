import assert from "node:assert/strict";
import { test } from "node:test";

import { abortMany } from "./abort-many.ts";
import { kinds, leave, phases } from "./disconnect-scenes.ts";

for (const phase of phases) {
  for (const kind of kinds) {
    // How soon is for the soak to judge.
    test(`${phase}, ${kind}: the other side sees the close`, async () => {
      for (let repetition = 0; repetition < 2; repetition += 1) await leave(phase, kind);
    });
  }
}

test("after 300 aborted requests open handles and heap are where they were", async () => {
  const { before, after } = await abortMany(300);
  assert.ok(after.handles <= before.handles + 2, `${before.handles} handles before, ${after.handles} after`);
  assert.ok(after.heapMiB < before.heapMiB + 8, `${before.heapMiB} MiB before, ${after.heapMiB} after`);
});
