import assert from "node:assert/strict";
import { test } from "node:test";

import { PenaltyBox } from "../src/penalty/penalty-box.ts";

test("of more shared penalties than there is room for, those that last longest are taken over", () => {
  const box = new PenaltyBox({ durationMs: 1_000, maxDurationMs: 9_000, maxKeys: 2 });
  const record = (key: string, durationMs: number, remainingMs: number) => ({ key, reason: "input", durationMs, remainingMs });
  box.replace([record("short", 1_000, 900), record("relapse", 4_000, 10), record("ended", 1_000, -5), record("longer", 1_000, 950)], 0);
  assert.deepEqual(
    box.list(0).map(({ key }) => key),
    ["relapse", "longer"],
  );
});
