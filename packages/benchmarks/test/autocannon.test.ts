import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { autocannonArguments, readAutocannon } from "../src/loads/autocannon.ts";
import { chatBody, chatRequest, localRequest } from "../src/traffic.ts";

function output(figures: Record<string, number> = {}): string {
  const result = { duration: 5.02, errors: 0, timeouts: 0, non2xx: 0, requests: { total: 40_000 }, latency: { p50: 4, p99: 19 } };
  return JSON.stringify({ ...result, ...figures });
}

describe("autocannon", () => {
  test("is given the same request over the same number of connections as wrk", () => {
    const given = autocannonArguments("http://127.0.0.1:1/v1/chat", chatRequest, 3);
    assert.deepEqual(given.slice(0, 8), ["--json", "--no-progress", "-c", "64", "-d", "3", "-m", "POST"]);
    assert.ok(given.includes("Content-Type: application/json"));
    assert.deepEqual(given.slice(-3), ["-b", chatBody, "http://127.0.0.1:1/v1/chat"]);
    assert.ok(!autocannonArguments("http://127.0.0.1:1/", localRequest, 3).includes("-b"));
  });

  test("is read", () => assert.deepEqual(readAutocannon(output(), false), { units: 40_000, seconds: 5.02, p50Ms: 4, p99Ms: 19 }));

  test("is an error when a response was a refusal, unless every status counts", () => {
    assert.throws(() => readAutocannon(output({ non2xx: 7 }), false), /7 were refusals/);
    assert.equal(readAutocannon(output({ non2xx: 7 }), true).units, 40_000);
  });

  test("is an error when connections failed or time ran out", () => {
    assert.throws(() => readAutocannon(output({ errors: 1 }), true), /1 errors/);
    assert.throws(() => readAutocannon(output({ timeouts: 4 }), true), /4 time-outs/);
  });
});
