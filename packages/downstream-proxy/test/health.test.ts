import assert from "node:assert/strict";
import { test } from "node:test";

import { Health } from "../src/health.ts";

const settings = { failures: 3, baseMs: 100, maxMs: 350 };

test("failures in a row eject for a time that doubles up to its limit", () => {
  const health = new Health(settings);
  assert.equal(health.failed(0, true), undefined);
  assert.equal(health.failed(0, true), undefined);
  assert.equal(health.failed(0, true), 100);
  assert.ok(health.isEjected && !health.isUsable(99, 0) && health.isUsable(100, 0));
  assert.equal(health.failed(100, true), 200);
  assert.ok(!health.isUsable(299, 0));
  assert.equal(health.failed(300, true), 350);
  assert.equal(health.failed(650, true), 350);
});

test("a success in between starts the count anew, and one after an ejection ends it", () => {
  const health = new Health(settings);
  health.failed(0, true);
  health.failed(0, true);
  assert.equal(health.succeeded(), false);
  health.failed(0, true);
  health.failed(0, true);
  assert.equal(health.isEjected, false);
  assert.equal(health.failed(0, true), 100);
  assert.equal(health.succeeded(), true);
  assert.ok(!health.isEjected && health.isUsable(1, 5));
  for (let again = 0; again < 2; again += 1) assert.equal(health.failed(10, true), undefined);
  assert.equal(health.failed(10, true), 100);
});

test("failures of requests from before the ejection do not prolong it", () => {
  const health = new Health(settings);
  for (let failure = 0; failure < 3; failure += 1) health.failed(0, true);
  for (let failure = 0; failure < 50; failure += 1) assert.equal(health.failed(50, true), undefined);
  assert.ok(health.isUsable(100, 0));
});

test("after an ejection one request at a time is let through", () => {
  const health = new Health(settings);
  for (let failure = 0; failure < 3; failure += 1) health.failed(0, true);
  assert.ok(health.isUsable(100, 0) && !health.isUsable(100, 1));
});

test("a replica that must stay is not ejected, however often it fails", () => {
  const health = new Health(settings);
  for (let failure = 0; failure < 20; failure += 1) assert.equal(health.failed(0, false), undefined);
  assert.equal(health.isEjected, false);
  assert.equal(health.failed(0, true), 100);
});
