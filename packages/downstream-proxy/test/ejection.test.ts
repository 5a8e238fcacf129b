import assert from "node:assert/strict";
import { test } from "node:test";

import { Ejection } from "../src/failures/ejection.ts";
import type { FailureSource } from "../src/failures/failure-sources.ts";

const settings = { windowMs: 10_000, minRequests: 10, minClients: 5, share: 0.5, connectFailures: 3, baseMs: 100, maxMs: 350 };
const from = (name: string) => (): FailureSource => ({ name, outOf: Infinity });
const a = from("a");

function unreachable(health: Ejection, now: number, mayEject = true): number | undefined {
  return health.failed("unreachable", a, now, mayEject);
}

test("failed connections in a row eject for a time that doubles up to its limit", () => {
  const health = new Ejection(settings);
  assert.equal(unreachable(health, 0), undefined);
  assert.equal(unreachable(health, 0), undefined);
  assert.equal(unreachable(health, 0), 100);
  assert.ok(health.isEjected && !health.isUsable(a, 99) && health.isUsable(a, 100));
  assert.equal(unreachable(health, 100), 200);
  assert.ok(!health.isUsable(a, 299));
  assert.equal(unreachable(health, 300), 350);
  assert.equal(unreachable(health, 650), 350);
});

test("a response in between starts the count again, and one after an ejection ends it", () => {
  const health = new Ejection(settings);
  unreachable(health, 0);
  unreachable(health, 0);
  assert.equal(health.responded(0), false);
  unreachable(health, 0);
  unreachable(health, 0);
  assert.equal(health.isEjected, false);
  assert.equal(unreachable(health, 0), 100);
  assert.equal(health.responded(0), true);
  assert.ok(!health.isEjected && health.isUsable(a, 1));
  for (let again = 0; again < 2; again += 1) assert.equal(unreachable(health, 10), undefined);
  assert.equal(unreachable(health, 10), 100);
});

test("the timeouts of one client eject nothing, those of many do", () => {
  const health = new Ejection(settings);
  for (let failure = 0; failure < 1_000; failure += 1) assert.equal(health.failed("failed", a, 0, true), undefined);
  const others = Array.from({ length: 10 }, (_none, index) => health.failed("failed", from(`other ${index}`), 0, true));
  assert.deepEqual(
    others.filter((ejectedMs) => ejectedMs !== undefined),
    [100],
  );
});

test("failures of requests from before the ejection do not prolong it", () => {
  const health = new Ejection(settings);
  for (let failure = 0; failure < 3; failure += 1) unreachable(health, 0);
  for (let failure = 0; failure < 50; failure += 1) assert.equal(unreachable(health, 50), undefined);
  assert.ok(health.isUsable(a, 100));
});

test("after an ejection a few requests are let through, and a slow one holds up nobody", () => {
  const health = new Ejection(settings);
  for (let failure = 0; failure < 3; failure += 1) unreachable(health, 0);
  assert.ok(health.isUsable(a, 100));
  health.chosen(a);
  assert.ok(!health.isUsable(a, 200) && !health.isUsable(from("b"), 200));
  assert.ok(health.isUsable(from("b"), 1_100));
});

test("a replica that must stay is not ejected, however often it fails", () => {
  const health = new Ejection(settings);
  for (let failure = 0; failure < 20; failure += 1) assert.equal(unreachable(health, 0, false), undefined);
  assert.equal(health.isEjected, false);
  assert.equal(unreachable(health, 0), 100);
});

test("whether it has failed since a time is forgotten with the next response", () => {
  const health = new Ejection(settings);
  unreachable(health, 50);
  assert.deepEqual([health.hasFailedSince(50), health.hasFailedSince(51)], [true, false]);
  health.responded(60);
  assert.equal(health.hasFailedSince(0), false);
});
