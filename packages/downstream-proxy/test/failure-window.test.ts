import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { FailureWindow, failuresPerSource } from "../src/failures/failure-window.ts";

const settings = { windowMs: 10_000, minRequests: 10, minClients: 5, share: 0.5 };
const client = (name: string | number) => () => ({ name: String(name), outOf: Infinity });
const principal = (name: string | number, outOf: number) => () => ({ name: String(name), outOf });

/** Lets `count` requests fail, one after the other from each of `clients`; true when there were too many at the end. */
function fail(window: FailureWindow, count: number, clients: number, now = 0): boolean {
  let tooMany = false;
  for (let index = 0; index < count; index += 1) tooMany = window.failed("failed", client(index % clients), now);
  return tooMany;
}

test("one client alone never makes the failures too many, however many requests it sends", () => {
  const window = new FailureWindow(settings);
  assert.equal(fail(window, 10_000, 1), false);
});

test("one client and two others that fail too are not enough", () => {
  const window = new FailureWindow(settings);
  assert.equal(fail(window, 3_000, 3), false);
});

test("timeouts and resets of five clients are too many when nothing else comes back", () => {
  const window = new FailureWindow(settings);
  assert.equal(fail(window, 9, 5), false, "nine requests are less than the minimum");
  assert.equal(window.failed("failed", client(4), 0), true);
});

test("failures below the share are not too many", () => {
  const window = new FailureWindow(settings);
  for (let response = 0; response < 21; response += 1) window.responded(0);
  assert.equal(fail(window, 20, 10), false, "20 of 41");
  assert.equal(window.failed("failed", client("another"), 0), true, "21 of 42");
});

test("a client counts no more than twice within the window", () => {
  const window = new FailureWindow(settings);
  for (let response = 0; response < 11; response += 1) window.responded(0);
  assert.equal(failuresPerSource, 2);
  assert.equal(fail(window, 5_000, 5), false, "5 clients count 10 times, against 11 responses");
});

test("where principals are counted, as many as are known are enough, but never one of them", () => {
  const window = new FailureWindow(settings);
  for (let failure = 0; failure < 1_000; failure += 1) assert.equal(window.failed("failed", principal("one", 2), 0), false);
  for (let failure = 0; failure < 6; failure += 1) window.failed("unreachable", client("a"), 0);
  assert.equal(window.failed("failed", principal("two", 2), 0), false, "six, and one each: the first counts twice");
  assert.equal(window.failed("failed", principal("two", 2), 0), true);
});

test("when a second principal appears, the failures of the first one's clients count no longer", () => {
  const window = new FailureWindow(settings);
  fail(window, 9, 9);
  for (let failure = 0; failure < 1_000; failure += 1) assert.equal(window.failed("failed", principal("one", 2), 0), false);
});

test("failed connections need no distinct clients", () => {
  const window = new FailureWindow(settings);
  const results = Array.from({ length: 10 }, () => window.failed("unreachable", client("only"), 0));
  assert.deepEqual(results, [...Array.from({ length: 9 }, () => false), true]);
});

test("the client is not asked for when a connection fails", () => {
  const window = new FailureWindow(settings);
  window.failed("unreachable", () => assert.fail("asked"), 0);
});

test("connections that fail for a second without a response are too many, whatever came before", () => {
  const window = new FailureWindow(settings);
  for (let response = 0; response < 10_000; response += 1) window.responded(5_000);
  for (let failure = 0; failure < 20; failure += 1) assert.equal(window.failed("unreachable", client("a"), 5_000), false);
  assert.equal(window.failed("unreachable", client("a"), 5_999), false);
  assert.equal(window.failed("unreachable", client("a"), 6_000), true);
});

test("a response in between shows that a target whose connections fail is not down", () => {
  const window = new FailureWindow(settings);
  for (let response = 0; response < 100; response += 1) window.responded(0);
  for (let now = 0; now < 3_000; now += 100) {
    assert.equal(window.failed("unreachable", client("a"), now), false);
    if (now % 500 === 0) window.responded(now);
  }
});

test("what is older than the window no longer counts", () => {
  const window = new FailureWindow(settings);
  assert.equal(fail(window, 9, 9, 0), false);
  assert.equal(window.failed("failed", client("late"), 10_000), false);
  assert.equal(fail(window, 9, 9, 10_000), true, "with the late one these are ten");
});

test("responses that were forgotten no longer speak for the target, but one client is still not enough", () => {
  const window = new FailureWindow(settings);
  for (let response = 0; response < 1_000; response += 1) window.responded(0);
  window.forgetResponses();
  assert.equal(fail(window, 100, 1), false);
  assert.equal(fail(window, 20, 10), true);
});

test("whatever happens, the failures of four clients are never too many while connections succeed", () => {
  const step = fc.record({ wait: fc.nat(3_000), kind: fc.constantFrom("response", "failure", "forget"), by: fc.nat(3) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const window = new FailureWindow(settings);
      let now = 0;
      for (const { wait, kind, by } of steps) {
        now += wait;
        if (kind === "response") window.responded(now);
        else if (kind === "forget") window.forgetResponses();
        else assert.equal(window.failed("failed", client(by), now), false);
      }
    }),
    { numRuns: 300 },
  );
});

test("whatever happens, it decides as a count of the whole history does", () => {
  const step = fc.record({ wait: fc.nat(2_500), kind: fc.constantFrom("response", "failed", "unreachable"), by: fc.nat(12) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const window = new FailureWindow({ ...settings, minClients: 3 });
      const history: { bucket: number; kind: string; by: number }[] = [];
      let now = 0;
      for (const { wait, kind, by } of steps) {
        now += wait;
        const bucket = Math.floor(now / 1_000);
        const recent = history.filter((entry) => entry.bucket > bucket - 10);
        const own = recent.filter((entry) => entry.kind === "failed" && entry.by === by);
        if (kind !== "failed" || own.length < failuresPerSource) history.push({ bucket, kind, by });
        const tooMany = kind === "response" ? window.responded(now) : window.failed(kind, client(by), now);
        if (kind === "failed") assert.equal(tooMany, isTooMany(history, bucket));
      }
    }),
    { numRuns: 300 },
  );
});

function isTooMany(history: readonly { bucket: number; kind: string; by: number }[], bucket: number): boolean {
  const recent = history.filter((entry) => entry.bucket > bucket - 10);
  const failed = recent.filter(({ kind }) => kind === "failed");
  const counted = new Set(failed.map(({ by }) => by)).size >= 3 ? failed.length : 0;
  const failures = counted + recent.filter(({ kind }) => kind === "unreachable").length;
  const requests = failures + recent.filter(({ kind }) => kind === "response").length;
  return requests >= 10 && failures >= requests / 2;
}
