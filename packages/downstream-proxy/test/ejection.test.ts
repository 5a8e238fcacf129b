import assert from "node:assert/strict";
import { test } from "node:test";

import { Ejection } from "../src/failures/ejection.ts";
import type { FailureSource } from "../src/failures/failure-sources.ts";

const settings = { windowMs: 10_000, minRequests: 10, minClients: 5, share: 0.5, connectFailures: 3, baseMs: 100, maxMs: 350 };
const from = (name: string) => (): FailureSource => ({ name, outOf: Infinity });
const a = from("a");

function unreachable(ejection: Ejection, now: number, mayEject = true): number | undefined {
  return ejection.failed("unreachable", a, now, mayEject);
}

test("failed connections in a row eject for a time that doubles up to its limit", () => {
  const ejection = new Ejection(settings);
  assert.equal(unreachable(ejection, 0), undefined);
  assert.equal(unreachable(ejection, 0), undefined);
  assert.equal(unreachable(ejection, 0), 100);
  assert.ok(ejection.isEjected && !ejection.isUsable(a, 99) && ejection.isUsable(a, 100));
  assert.equal(unreachable(ejection, 100), 200);
  assert.ok(!ejection.isUsable(a, 299));
  assert.equal(unreachable(ejection, 300), 350);
  assert.equal(unreachable(ejection, 650), 350);
});

test("a response in between starts the count again, and one after an ejection ends it", () => {
  const ejection = new Ejection(settings);
  unreachable(ejection, 0);
  unreachable(ejection, 0);
  assert.equal(ejection.responded(0), false);
  unreachable(ejection, 0);
  unreachable(ejection, 0);
  assert.equal(ejection.isEjected, false);
  assert.equal(unreachable(ejection, 0), 100);
  assert.equal(ejection.responded(0), true);
  assert.ok(!ejection.isEjected && ejection.isUsable(a, 1));
  for (let again = 0; again < 2; again += 1) assert.equal(unreachable(ejection, 10), undefined);
  assert.equal(unreachable(ejection, 10), 100);
});

test("the timeouts of one client eject nothing, those of many do", () => {
  const ejection = new Ejection(settings);
  for (let failure = 0; failure < 1_000; failure += 1) assert.equal(ejection.failed("failed", a, 0, true), undefined);
  const others = Array.from({ length: 10 }, (_none, index) => ejection.failed("failed", from(`other ${index}`), 0, true));
  assert.deepEqual(
    others.filter((ejectedMs) => ejectedMs !== undefined),
    [100],
  );
});

test("failures of requests from before the ejection do not prolong it", () => {
  const ejection = new Ejection(settings);
  for (let failure = 0; failure < 3; failure += 1) unreachable(ejection, 0);
  for (let failure = 0; failure < 50; failure += 1) assert.equal(unreachable(ejection, 50), undefined);
  assert.ok(ejection.isUsable(a, 100));
});

test("after an ejection a few requests are let through, and a slow one holds up nobody", () => {
  const ejection = new Ejection(settings);
  for (let failure = 0; failure < 3; failure += 1) unreachable(ejection, 0);
  assert.ok(ejection.isUsable(a, 100));
  ejection.chosen(a);
  assert.ok(!ejection.isUsable(a, 200) && !ejection.isUsable(from("b"), 200));
  assert.ok(ejection.isUsable(from("b"), 1_100));
});

test("a replica that must stay is not ejected, however often it fails", () => {
  const ejection = new Ejection(settings);
  for (let failure = 0; failure < 20; failure += 1) assert.equal(unreachable(ejection, 0, false), undefined);
  assert.equal(ejection.isEjected, false);
  assert.equal(unreachable(ejection, 0), 100);
});

test("whether it has failed since a time is forgotten with the next response", () => {
  const ejection = new Ejection(settings);
  unreachable(ejection, 50);
  assert.deepEqual([ejection.hasFailedSince(50), ejection.hasFailedSince(51)], [true, false]);
  ejection.responded(60);
  assert.equal(ejection.hasFailedSince(0), false);
});
