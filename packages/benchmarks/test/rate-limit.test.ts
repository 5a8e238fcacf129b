import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type Make, ours } from "../src/rate-limit/contestants.ts";
import { judgeRateLimits, reportRateLimits } from "../src/rate-limit/report.ts";
import { findViolations, type Violations } from "../src/rate-limit/violations.ts";

/** Counts in windows that begin with the first request, as most limiters do. */
const fixedWindow =
  (now: () => number): Make =>
  (limit, windowMs) => {
    let [start, count] = [-Infinity, 0];
    return {
      limiter: (_req, _res, next) => {
        if (now() >= start + windowMs) [start, count] = [now(), 0];
        count += 1;
        next(count > limit ? new Error("refused") : undefined);
      },
      close: () => undefined,
    };
  };

/** Lets pass only what comes evenly, and so refuses what it should not. */
const spacing =
  (now: () => number): Make =>
  (limit, windowMs) => {
    let last = -Infinity;
    return {
      limiter: (_req, _res, next) => {
        const isEarly = now() < last + windowMs / (limit * 0.9);
        if (!isEarly) last = now();
        next(isEarly ? new Error("refused") : undefined);
      },
      close: () => undefined,
    };
  };

const asksOurs = (now: () => number): Make => ours(now);

describe("the search for violations", () => {
  test("finds that a fixed window lets nearly twice the limit through at its edge", async () => {
    const { limit, mostInWindow, runsAbove, steadyRefused } = await findViolations(fixedWindow, 30);
    assert.equal(limit, 10);
    assert.ok(mostInWindow >= 18 && mostInWindow <= 20, String(mostInWindow));
    assert.ok(runsAbove > 20, String(runsAbove));
    assert.equal(steadyRefused, 0);
  });

  test("finds that a steady client is refused", async () => {
    const { mostInWindow, steadyRefused } = await findViolations(spacing, 10);
    assert.ok(mostInWindow <= 10);
    assert.equal(steadyRefused, 10);
  });

  test("finds nothing in ours, which fills the window all the same", async () => {
    const { limit, mostInWindow, runsAbove, steadyRefused } = await findViolations(asksOurs, 30);
    assert.deepEqual([mostInWindow, runsAbove, steadyRefused], [limit, 0, 0]);
  });
});

describe("the report", () => {
  const fine: Violations = { limit: 10, mostInWindow: 10, runsAbove: 0, runs: 5, steadyRefused: 0, steadyClients: 5 };
  const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });
  const cost = (name: string, ratio: number) => ({ name, us: spread(ratio * 2), ratio: spread(ratio) });
  const costs = [cost("theirs, draft-7", 1.1), cost("theirs, draft-8", 2)];

  test("says what was found and keeps the budgets", () => {
    const budgets = judgeRateLimits({ ours: fine }, costs, "ours");
    assert.deepEqual(
      budgets.map(({ kept }) => kept),
      [true, true, true, true],
    );
    const report = reportRateLimits({ ours: fine }, costs, budgets);
    assert.match(report, /ours +\| +10 of 10 \| +0 of 5 \| +0 of 5/);
    assert.match(report, /theirs, draft-8 +\| +4\.00 \| +2\.00 \(1\.00 to 4\.00\)/);
    assert.match(report, /kept {3}ours refuses no steady client/);
  });

  test("a missed budget is distinguished from the others", () => {
    const above = { ...fine, mostInWindow: 11, runsAbove: 1 };
    const missed = judgeRateLimits({ ours: above }, [cost("theirs, draft-7", 0.5), cost("theirs, draft-8", 2)], "ours");
    assert.deepEqual(
      missed.map(({ kept }) => kept),
      [false, true, false, true],
    );
    assert.match(reportRateLimits({ ours: above }, [], missed), /missed no trailing window of ours/);
    assert.deepEqual(
      judgeRateLimits({}, [], "ours").map(({ kept }) => kept),
      [false, false, false, false],
    );
  });
});
