import assert from "node:assert/strict";
import { test } from "node:test";

import { needsRedis } from "@aivillage/testing";

import { runStreams } from "./run-streams.ts";

test(
  "processes that share a Redis keep its budgets together, and one that is killed is charged what it reported",
  needsRedis,
  async (t) => {
    const outcome = await runStreams({ processes: 2, streams: 100, kills: 1 });
    t.diagnostic(JSON.stringify(outcome));
    assert.ok(outcome.refused > 0 && outcome.spent > 0);
  },
);
