import assert from "node:assert/strict";
import { test } from "node:test";

import { restartDelays } from "../src/workers/restart-delays.ts";

test("a dead worker's restart waits twice as long each time, up to 30 s, and not at all after a long life", () => {
  const delays = restartDelays();
  const shortLives = Array.from({ length: 10 }, () => delays.after(50));
  assert.deepEqual(shortLives, [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
  assert.equal(delays.after(60_000), 0);
  assert.equal(delays.after(50), 100);
});
