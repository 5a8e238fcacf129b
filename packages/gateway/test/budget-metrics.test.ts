import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { Registry } from "@aivillage/metrics";

import { budgetMetrics } from "../src/state/telemetry/budget-metrics.ts";

const dayMs = 86_400_000;

test("the share of a budget is of the period that calls are decided in, also after the clock was ahead", async () => {
  const registry = new Registry();
  const { budgetDecided } = budgetMetrics(registry);
  const decide = (spent: number, inDays: number, key = "key:ada"): void => {
    const standing = { budget: "daily", key, unit: "calls", limit: 10, spent, held: 0, granted: 0, remaining: 10 - spent };
    const resetsAt = new Date(Date.now() - (Date.now() % dayMs) + inDays * dayMs);
    budgetDecided({ req: {} as IncomingMessage, allowed: true, violated: [], budgets: [{ ...standing, resetsAt }] });
  };
  const shown = async (): Promise<string | undefined> =>
    /^gateway_budget_used_ratio\{budget="daily"\} (.+)$/m.exec(await registry.metrics())?.[1];
  decide(1, 400);
  decide(8, 1);
  assert.equal(await shown(), "0.8");
  decide(2, 1, "key:bob");
  assert.equal(await shown(), "0.8", "the largest of its callers");
  decide(9, 0);
  assert.equal(await shown(), "0.8", "a period that is over counts no more");
  decide(3, 1);
  assert.equal(await shown(), "0.3", "after a grant or a reset the caller has spent a smaller share");
  decide(4, 1, "key:bob");
  assert.equal(await shown(), "0.4", "and another one has the largest");
});
