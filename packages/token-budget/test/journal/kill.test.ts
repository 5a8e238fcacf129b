import assert from "node:assert/strict";
import { test } from "node:test";

import { killAgainAndAgain } from "./kill-loop.ts";

test("a process that is killed at any moment loses no charge that was safe", async (t) => {
  const survived = await killAgainAndAgain(8);
  t.diagnostic(`${survived} charges survived`);
  assert.ok(survived > 0);
});
