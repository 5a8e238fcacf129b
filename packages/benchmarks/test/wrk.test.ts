import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { readWrk, wrkScript } from "../src/loads/wrk.ts";
import { chatRequest, localRequest } from "../src/traffic.ts";

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
  test("carries the bytes of the request as a Lua string", () => {
    const script = wrkScript({ method: "POST", path: "/x", headers: { "X-Quoted": 'a "b" \\ c' }, body: '{"a":"b"}' }, 80);
    const request =
      'POST /x HTTP/1.1\\r\\nHost: 127.0.0.1:80\\r\\nX-Quoted: a \\"b\\" \\\\ c\\r\\nContent-Length: 9\\r\\n\\r\\n{\\"a\\":\\"b\\"}';
    assert.ok(script.startsWith(`wrk.format = function() return "${request}" end\n`));
  });

  test("defines no request function, which would make wrk call it for every request", () => {
    assert.ok(!/^function request/m.test(wrkScript(chatRequest, 80)));
  });

  test("refuses what Lua and JSON write differently", () => {
    assert.throws(() => wrkScript({ ...chatRequest, body: "na\u00efve" }, 80), /visible ASCII/);
    assert.throws(() => wrkScript({ ...localRequest, headers: { "X-A": "b\tc" } }, 80), /visible ASCII/);
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
