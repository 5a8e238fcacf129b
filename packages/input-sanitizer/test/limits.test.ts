import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost, type Host, rawRequest } from "@aivillage/testing";

import { type InputLimits, sanitizeInput } from "../src/index.ts";
import { anything, asJson, assertProblem, attach, echoInput, postTo, send, serve } from "./problem-app.ts";

const body = anything;
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const objects = (depth: number): string => '{"a":'.repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
const keys = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));

interface LimitCase {
  readonly name: string;
  readonly limits: InputLimits;
  readonly atLimit: string;
  readonly over: string;
  readonly status: 413 | 422;
}

const cases: readonly LimitCase[] = [
  { name: "bodyBytes", limits: { bodyBytes: 8 }, atLimit: '"abcdef"', over: '"abcdefg"', status: 413 },
  { name: "bodyBytes in UTF-8, not in characters", limits: { bodyBytes: 8 }, atLimit: '"äöü"', over: '"äöüx"', status: 413 },
  { name: "depth of arrays, by default", limits: {}, atLimit: nested(32), over: nested(33), status: 422 },
  { name: "depth of objects", limits: { depth: 5 }, atLimit: objects(5), over: objects(6), status: 422 },
  { name: "keys, by default", limits: {}, atLimit: JSON.stringify(keys(1_000)), over: JSON.stringify(keys(1_001)), status: 422 },
  { name: "keys over several objects", limits: { keys: 2 }, atLimit: '[{"a":1},{"a":1}]', over: '[{"a":1},{"a":1,"b":1}]', status: 422 },
  { name: "arrayLength", limits: { arrayLength: 3 }, atLimit: "[1,2,3]", over: "[1,2,3,4]", status: 422 },
  { name: "arrayLength inside", limits: { arrayLength: 2 }, atLimit: '{"a":[[1,2],[3]]}', over: '{"a":[[1,2,3]]}', status: 422 },
  { name: "stringLength", limits: { stringLength: 3 }, atLimit: '["abc"]', over: '["abcd"]', status: 422 },
  {
    name: "stringLength of what escapes stand for",
    limits: { stringLength: 3 },
    atLimit: String.raw`"\u0061\u0062\u0063"`,
    over: '"abcd"',
    status: 422,
  },
  { name: "stringLength of a key", limits: { stringLength: 3 }, atLimit: '{"abc":1}', over: '{"abcd":1}', status: 422 },
  { name: "stringLength of a key with signs", limits: { stringLength: 3 }, atLimit: '{"a-c":1}', over: '{"a-cd":1}', status: 422 },
];

for (const { name, limits, atLimit, over, status } of cases) {
  test(`${name}: what is at the limit passes, one more is refused`, async () => {
    await using app = await serve({ body, limits });
    const passed = await postTo(app, atLimit);
    assert.equal(passed.status, 200, passed.text);
    assertProblem(await postTo(app, over), status, status === 413 ? "payload-too-large" : "input-too-complex");
  });
}

forEachHost((host) => {
  test("queryParameters counts pairs, empty ones not, and stops before it parses the rest", async () => {
    const limits = { queryParameters: 2 };
    assert.equal((await send(host, { limits }, "/?a=1&&&a=2&")).status, 200);
    assertProblem(await send(host, { limits }, "/?a=1&b=2&c=%zz"), 422, "input-too-complex", /more than 2 query parameters/);
  });

  test("the limits of strings hold for parameters and headers too", async () => {
    const limits = { stringLength: 4 };
    assert.equal((await send(host, { limits }, "/?a=abcd")).status, 200);
    const value = await send(host, { limits }, "/?a=abcde");
    assert.deepEqual(value.json.errors, [{ detail: "a string of more than 4 characters", parameter: "a" }]);
    assertProblem(await send(host, { limits }, "/?abcde=1"), 422, "input-too-complex");
    const headers = { type: "object", properties: { "x-id": { type: "string" } } };
    const header = await send(host, { limits, headers }, "/", { headers: { "X-Id": "abcde" } });
    assert.deepEqual(header.json.errors, [{ detail: "a string of more than 4 characters", header: "x-id" }]);
  });

  test("a buffer that another parser has left is held against bodyBytes", async () => {
    const serveBuffer = (bytes: string) =>
      host.serve([attach({ body: Buffer.from(bytes) }), sanitizeInput({ body, limits: { bodyBytes: 4 } }), echoInput], asJson);
    assert.equal(await statusOf(serveBuffer, '"ab"'), 200);
    assert.equal(await statusOf(serveBuffer, '"abc"'), 413);
  });

  test("a length that is declared too large is refused, no matter which handler read the body", async () => {
    await using app = await host.serve([attach({ body: { a: 1 } }), sanitizeInput({ body, limits: { bodyBytes: 10 } }), echoInput], asJson);
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    assert.match(await rawRequest(app.port, `${head}Content-Length: 11\r\n\r\n${" ".repeat(11)}`), /^HTTP\/1\.1 413 /);
    assert.match(await rawRequest(app.port, `${head}Content-Length: 10\r\n\r\n${" ".repeat(10)}`), /^HTTP\/1\.1 200 /);
  });

  test("a body in many small chunks is joined, and an unfinished character at the seam is not an error", async () => {
    await using app = await host.serve([sanitizeInput({ body }), echoInput], asJson);
    const bytes = Buffer.from('{"a":"Grüße, 多"}');
    const chunks = Array.from(bytes, (_byte, at) => `1\r\n${bytes.toString("latin1", at, at + 1)}\r\n`).join("");
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const response = await rawRequest(app.port, Buffer.from(`${head}${chunks}0\r\n\r\n`, "latin1"));
    assert.match(response, /^HTTP\/1\.1 200 /);
    assert.ok(Buffer.from(response, "latin1").toString().includes('"body":{"a":"Grüße, 多"}'), response);
  });
});

async function statusOf(serveBuffer: (bytes: string) => ReturnType<Host["serve"]>, bytes: string): Promise<number> {
  await using app = await serveBuffer(bytes);
  return (await fetch(app.url, { method: "POST", body: "1", headers: { "Content-Type": "application/json" } })).status;
}
