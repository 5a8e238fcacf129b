import assert from "node:assert/strict";
import { test } from "node:test";

import { needsRedis } from "@aivillage/testing";

import { runStreams } from "./run-streams.ts";

test(
  "four processes with 1,000 streams, of which some are killed again and again, keep the budgets of one Redis",
  needsRedis,
  async (t) => {
    for (let round = 0; round < Number(process.env["ROUNDS"] ?? 5); round += 1) {
      const outcome = await runStreams({ processes: 4, streams: 250, kills: 8 });
      t.diagnostic(JSON.stringify(outcome));
      assert.ok(outcome.spent > 0 && outcome.looks > 10);
    }
  },
);
