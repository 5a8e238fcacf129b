import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { chatRequest, localRequest } from "../src/traffic.ts";
import { readWrk, wrkScript } from "../src/wrk.ts";

function wrkOutput(figures: Record<string, number>): string {
  const all = { requests: 50_000, micros: 5_000_000, p50: 2_300, p99: 8_100, status: 0, sockets: 0, timeouts: 0, ...figures };
  return `Running 5s test @ http://127.0.0.1:8000/
  1 threads and 64 connections
  50000 requests in 5.00s, 20.98MB read
Requests/sec:  10000.00
wrk-result ${JSON.stringify(all)}
`;
}

describe("the script for wrk", () => {
  test("carries method, headers and body as Lua strings", () => {
    const script = wrkScript({ method: "POST", path: "/x", headers: { "X-Quoted": 'a "b" \\ c' }, body: '{"a":"b"}' });
    assert.match(script, /^wrk\.method = "POST"$/m);
    assert.ok(script.includes('wrk.headers["X-Quoted"] = "a \\"b\\" \\\\ c"'));
    assert.ok(script.includes('wrk.body = "{\\"a\\":\\"b\\"}"'));
  });

  test("sends no body where there is none", () => assert.ok(!wrkScript(localRequest).includes("wrk.body")));

  test("defines no request function, which would make wrk rebuild every request", () => {
    assert.ok(!wrkScript(chatRequest).includes("function request"));
  });

  test("refuses what Lua and JSON write differently", () => {
    assert.throws(() => wrkScript({ ...chatRequest, body: "naïve" }), /visible ASCII/);
    assert.throws(() => wrkScript({ ...chatRequest, headers: { "X-A": "b\nX-C: d" } }), /visible ASCII/);
  });
});

describe("the outcome of wrk", () => {
  test("is read in seconds and milliseconds from among its own lines", () => {
    assert.deepEqual(readWrk(wrkOutput({}), false), { units: 50_000, seconds: 5, p50Ms: 2.3, p99Ms: 8.1 });
  });

  test("is an error when a response was a refusal, unless every status counts", () => {
    assert.throws(() => readWrk(wrkOutput({ status: 3 }), false), /of 50000 responses 3 were refusals/);
    assert.equal(readWrk(wrkOutput({ status: 3 }), true).units, 50_000);
  });

  test("is an error when sockets failed or time ran out, whatever counts", () => {
    assert.throws(() => readWrk(wrkOutput({ sockets: 2 }), true), /2 socket errors/);
    assert.throws(() => readWrk(wrkOutput({ timeouts: 1 }), true), /1 time-outs/);
  });

  test("is an error when there was no response", () => {
    assert.throws(() => readWrk(wrkOutput({ requests: 0 }), false), /no request got a response/);
  });

  test("is an error that shows the output when wrk could not run", () => {
    assert.throws(() => readWrk("unable to connect to 127.0.0.1:1 Connection refused\n", false), /unable to connect/);
  });
});
