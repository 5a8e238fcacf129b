import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { startDownstream } from "@aivillage/testing";
import * as fc from "fast-check";

import { downstreamAttempted, type DownstreamProxyOptions } from "../src/index.ts";
import { mergeIntoJson } from "../src/response/merge-json.ts";
import { collect, rawServer, send, serveProxy } from "./support.ts";

const mergeJson: NonNullable<DownstreamProxyOptions["mergeJson"]> = (_req, { target }) => ({ routed_via: target });
const merge = (text: string, members: Record<string, unknown>): string | undefined => {
  const merged = mergeIntoJson(Buffer.from(text), () => members);
  return merged === undefined ? undefined : Buffer.from(merged, "latin1").toString();
};

test("members are added behind the others and nothing else is touched", () => {
  assert.equal(merge("{}", { a: 1 }), '{"a":1}');
  assert.equal(merge(" { } \n", { a: 1 }), ' { "a":1} \n');
  assert.equal(merge('{"id": 12345678901234567890, "x":1.0 }', { a: [1] }), '{"id": 12345678901234567890, "x":1.0 ,"a":[1]}');
  assert.equal(merge('{"a":"}"}', { b: 1 }), '{"a":"}","b":1}');
  assert.equal(merge('{"a":1}', {}), '{"a":1}');
  assert.equal(merge('{"a":1}', { b: undefined }), '{"a":1}');
});

test("a member that is there already is replaced", () => {
  assert.equal(merge('{"a":1,"b":2}', { a: 3 }), '{"a":3,"b":2}');
});

test("what is no JSON object is left alone", () => {
  for (const text of ["", "[1]", '"a"', "1", "null", "{", '{"a":1', "\ufeff{}"]) assert.equal(merge(text, { a: 1 }), undefined);
  assert.equal(
    mergeIntoJson(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), () => ({ a: 1 })),
    undefined,
  );
});

test("merging is the same as parsing, spreading and writing", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(object, object, fc.nat(3), (body, members, indent) => {
      const merged = merge(JSON.stringify(body, undefined, indent), members) ?? "";
      assert.deepEqual(JSON.parse(merged), JSON.parse(JSON.stringify({ ...body, ...members })));
    }),
    { numRuns: 300 },
  );
});

test("a JSON object gets its members, a right length, and no validators of the old content", async () => {
  await using downstream = await startDownstream({ body: { answer: 42 }, headers: { ETag: '"1"', "Content-Digest": "x" } });
  const seen: number[] = [];
  await using app = await serveProxy({
    targets: [{ name: "agent_controller", url: downstream.url }],
    mergeJson: (_req, { target, durationMs }) => {
      seen.push(durationMs);
      return { routed_via: target };
    },
  });
  const response = await send(app.url);
  assert.equal(response.body, '{"answer":42,"routed_via":"agent_controller"}');
  assert.equal(response.headers["content-length"], String(response.body.length));
  assert.equal(response.headers.etag, undefined);
  assert.equal(response.headers["content-digest"], undefined);
  assert.ok(Number(seen[0]) > 0);
});

test("the name of the fallback that responded is given", async () => {
  await using first = await startDownstream({ status: 500 });
  await using second = await startDownstream({ body: {} });
  const targets = [
    { name: "first", url: first.url },
    { name: "second", url: second.url },
  ];
  await using app = await serveProxy({ targets, mergeJson });
  assert.equal((await send(app.url)).body, '{"routed_via":"second"}');
  second.script = { status: 503, body: { error: "busy" } };
  assert.equal((await send(app.url)).body, '{"error":"busy","routed_via":"second"}');
});

test("errors in JSON get their members too, other content and arrays pass untouched", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url, mergeJson });
  downstream.script = { status: 422, body: { error: 1 }, headers: { "Content-Type": "application/problem+json" } };
  assert.equal((await send(app.url)).body, '{"error":1,"routed_via":"downstream"}');
  for (const [type, body] of [
    ["text/plain", "{}"],
    ["application/json-seq", "{}"],
    ["application/json", "[1]"],
    ["application/json", '{"broken":'],
  ] as const) {
    downstream.script = { body, headers: { "Content-Type": type, ETag: '"1"' } };
    const response = await send(app.url);
    assert.equal(response.body, body);
    assert.equal(response.headers.etag, '"1"');
  }
});

test("an encoded response passes untouched, and targets are asked not to encode", async () => {
  const packed = gzipSync('{"a":1}');
  await using target = await rawServer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`);
    socket.end(packed);
  });
  await using app = await serveProxy({ target: target.url, mergeJson });
  const response = await fetch(app.url, { headers: { "Accept-Encoding": "br" } });
  assert.deepEqual(await response.json(), { a: 1 });
  assert.match(target.text(), /accept-encoding: identity/i);
  assert.doesNotMatch(target.text(), /accept-encoding: br/i);
});

test("a response larger than mergeJsonBytes passes untouched, with and without a length", async () => {
  const body = JSON.stringify({ text: "x".repeat(3_000) });
  for (const framing of [`Content-Length: ${body.length}\r\n\r\n${body}`, `\r\n${body}`]) {
    await using target = await rawServer((socket) => void socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${framing}`));
    await using large = await serveProxy({ target: target.url, mergeJson, mergeJsonBytes: body.length - 1 });
    assert.equal((await send(large.url)).body, body);
    await using fits = await serveProxy({ target: target.url, mergeJson, mergeJsonBytes: body.length });
    assert.match((await send(fits.url)).body, /,"routed_via":"downstream"\}$/);
  }
});

test("while the response is held back a failure of the target is still a clean error", async () => {
  await using target = await rawServer((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"');
  });
  await using app = await serveProxy({ target: target.url, mergeJson });
  using attempts = collect(downstreamAttempted);
  const response = await send(app.url);
  assert.equal(response.status, 502);
  assert.match(response.body, /bad-gateway.*broke off its response/);
  assert.equal(attempts[0]?.outcome, "reset");
});

test("a resolver that throws is an error of this request, not a hang", async () => {
  await using downstream = await startDownstream({ body: {} });
  await using app = await serveProxy({
    target: downstream.url,
    mergeJson: () => {
      throw new Error("no members");
    },
  });
  assert.equal((await send(app.url)).status, 500);
});
