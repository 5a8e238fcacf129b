import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { CaseResult } from "../src/bench.ts";
import { cases } from "../src/cases.ts";
import type { ContestantId } from "../src/contestants/contestant.ts";
import { contestants } from "../src/contestants/contestants.ts";
import { type Budget, budgets, judge, type Verdict } from "../src/report/budgets.ts";
import type { ContestantResult } from "../src/run-group.ts";

const sample = { perSecond: 0, p50Ms: 1, p99Ms: 0, cpuMicros: 1, peakMebibytes: 1, startMs: 1, growth: 0 };

function costs(contestant: ContestantId, ...cpuMicros: number[]): ContestantResult {
  return { contestant, samples: cpuMicros.map((each) => Object.assign({}, sample, { cpuMicros: each })) };
}

const against: Budget = { case: "post", what: "the Express stack", against: "express-stack", atLeast: { promised: 3, goal: 4 } };

function outcomeOf(budget: Budget, ...results: ContestantResult[]): string | undefined {
  return verdictOn(budget, results)?.promise;
}

function verdictOn(budget: Budget, results: ContestantResult[]): Verdict | undefined {
  const measured: CaseResult = { case: budget.case, results };
  return judge([measured], [budget])[0];
}

describe("a ratio that was promised", () => {
  test("is kept when the middle round keeps it", () => {
    assert.equal(outcomeOf(against, costs("ours", 100, 100, 100), costs("express-stack", 310, 290, 300)), "kept");
  });

  test("is within the spread when some round keeps it", () => {
    assert.equal(outcomeOf(against, costs("ours", 100, 100, 100), costs("express-stack", 310, 290, 280)), "within spread");
  });

  test("is missed when no round keeps it", () => {
    assert.equal(outcomeOf(against, costs("ours", 100, 100, 100), costs("express-stack", 299, 290, 280)), "missed");
  });

  test("compares the rounds one by one, not best with worst", () => {
    assert.equal(outcomeOf(against, costs("ours", 50, 200), costs("express-stack", 100, 400)), "missed");
  });

  test("is not measured when a side was left out or failed", () => {
    assert.equal(outcomeOf(against, costs("ours", 300)), "not measured");
    assert.equal(outcomeOf(against, costs("express-stack", 300)), "not measured");
    const failed = { ...costs("ours", 300), failure: "it fell over" };
    assert.equal(outcomeOf(against, failed, costs("express-stack", 1)), "not measured");
  });

  test("is judged apart from the goal", () => {
    const results = [costs("ours", 100), costs("express-stack", 350)];
    const { promise, goal } = verdictOn(against, results) ?? {};
    assert.deepEqual({ promise, goal }, { promise: "kept", goal: "missed" });
  });
});

describe("a figure that was promised", () => {
  const p99: Budget = { case: "health", what: "p99", figure: "p99Ms", atMost: { promised: 100, goal: 50 } };
  const lasting = (...times: number[]): ContestantResult => ({
    contestant: "ours",
    samples: times.map((p99Ms) => Object.assign({}, sample, { p99Ms })),
  });

  test("is kept, within the spread, or missed", () => {
    assert.equal(outcomeOf(p99, lasting(90, 100, 130)), "kept");
    assert.equal(outcomeOf(p99, lasting(90, 101, 130)), "within spread");
    assert.equal(outcomeOf(p99, lasting(101, 102, 130)), "missed");
    assert.equal(verdictOn(p99, [lasting(90, 100, 130)])?.goal, "missed");
  });
});

test("only the cases that were measured are judged", () => {
  assert.deepEqual(judge([]), []);
  assert.deepEqual(
    judge([{ case: "health", results: [] }]).map(({ budget }) => budget.case),
    ["health"],
  );
});

test("no promise is more than its goal", () => {
  for (const budget of budgets) {
    if ("atLeast" in budget) assert.ok(budget.atLeast.promised <= budget.atLeast.goal, budget.what);
    else assert.ok(budget.atMost.promised >= budget.atMost.goal, budget.what);
  }
});

test("every budget names a case, and contestants that take part in it", () => {
  for (const budget of budgets) {
    assert.ok(cases.some(({ id }) => id === budget.case));
    for (const id of ["ours", ...("against" in budget ? [budget.against] : [])]) {
      assert.ok(contestants.find((contestant) => contestant.id === id)?.cases.includes(budget.case), `${id} in ${budget.case}`);
    }
  }
});
