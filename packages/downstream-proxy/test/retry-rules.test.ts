import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { retryAfterMs } from "../src/attempts/failed-attempt.ts";
import { RetryBudget } from "../src/targets/retry-budget.ts";

test("Retry-After is read in seconds and in all three forms of a date", () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 30);
  assert.equal(retryAfterMs("120", now), 120_000);
  assert.equal(retryAfterMs(" 0 ", now), 0);
  assert.equal(retryAfterMs("Sun, 06 Nov 1994 08:49:37 GMT", now), 7_000);
  assert.equal(retryAfterMs("Sunday, 06-Nov-94 08:49:37 GMT", now), 7_000);
  assert.equal(retryAfterMs("Sun Nov  6 08:49:37 1994", now), 7_000);
  assert.equal(retryAfterMs("Sun, 06 Nov 1994 08:49:00 GMT", now), 0);
});

test("a Retry-After that makes no sense is as good as none", () => {
  for (const field of [undefined, "", "soon", "-1", "1.5", "1e9", "99999999999", "Sun, 99 Foo 1994 08:49:37 GMT", ["1", "2"]]) {
    assert.equal(retryAfterMs(field, 0), undefined, String(field));
  }
});

test("whatever the bytes, Retry-After gives a wait or nothing", () => {
  fc.assert(
    fc.property(fc.string(), (field) => {
      const wait = retryAfterMs(field, Date.now());
      assert.ok(wait === undefined || (wait >= 0 && Number.isFinite(wait)));
    }),
    { numRuns: 300 },
  );
});

test("of n requests never more than 10 and the share are repeated, and never more than 100 at once", () => {
  const step = fc.record({ requests: fc.nat(400), retries: fc.nat(200) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
      const budget = new RetryBudget(share);
      let requests = 0;
      let retries = 0;
      for (const { requests: more, retries: attempts } of steps) {
        for (let request = 0; request < more; request += 1) budget.deposit();
        requests += more;
        const granted = Array.from({ length: attempts }, () => budget.withdraw()).filter(Boolean).length;
        retries += granted;
        assert.ok(granted <= 100);
        assert.ok(retries <= 10 + share * requests + 1e-6);
      }
    }),
    { numRuns: 200 },
  );
});
