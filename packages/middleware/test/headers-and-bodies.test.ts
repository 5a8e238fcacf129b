import assert from "node:assert/strict";
import { test } from "node:test";

import { countHeader, defined, durationMs, hasBody, isHeaders, isValidHeader } from "@aivillage/middleware";

test("a request has a body when it announces one (RFC 9112, 6.3)", () => {
  for (const headers of [
    { "transfer-encoding": "chunked" },
    { "content-length": "1" },
    { "transfer-encoding": "x", "content-length": "0" },
  ]) {
    assert.equal(hasBody({ headers }), true, JSON.stringify(headers));
  }
  for (const headers of [{}, { "content-length": "0" }, { "content-length": "" }, { "content-type": "text/plain" }]) {
    assert.equal(hasBody({ headers }), false, JSON.stringify(headers));
  }
});

test("lines of a header are counted by name, in any case, and never by value", () => {
  const raw = ["Host", "a", "X-Host", "host", "HOST", "b", "Accept", "host"];
  assert.deepEqual([countHeader(raw, "host"), countHeader(raw, "accept"), countHeader(raw, "via"), countHeader([], "host")], [2, 1, 0, 0]);
});

test("a header is valid when Node would send it", () => {
  assert.deepEqual([isValidHeader("X-A", "b c"), isValidHeader("X-A", "")], [true, true]);
  for (const [name, value] of [
    ["X A", "b"],
    ["", "b"],
    ["X-A", "b\r\nX: c"],
    ["X-A", "\u0100"],
  ] as const) {
    assert.equal(isValidHeader(name, value), false, JSON.stringify([name, value]));
  }
});

test("an object of headers holds valid names and texts, and nothing else does", () => {
  assert.deepEqual([isHeaders({}), isHeaders({ "X-A": "b", Allow: "GET" })], [true, true]);
  for (const other of [null, undefined, "X-A: b", [], { "X A": "b" }, { "X-A": 1 }, { "X-A": ["b"] }, { "X-A": "b\n" }]) {
    assert.equal(isHeaders(other), false, JSON.stringify(other));
  }
});

test("a length of time is a number with a unit", () => {
  const texts = ["45s", "30m", "24h", "90d", "2 h", " 5M ", "0s", "250ms"];
  assert.deepEqual(texts.map(durationMs), [45_000, 1_800_000, 86_400_000, 7_776_000_000, 7_200_000, 300_000, 0, 250]);
  for (const text of ["", "5", "s", "1.5h", "-1s", "5us", "2w", "1h30m", "1e3s", "9999999999s"])
    assert.equal(durationMs(text), undefined, text);
});

test("members that are undefined are left out, and no others", () => {
  assert.deepEqual(Object.keys(defined({ a: undefined, b: null, c: 0, d: "", e: false })), ["b", "c", "d", "e"]);
  const given: { readonly name?: string } = defined({ name: undefined as string | undefined });
  assert.equal("name" in given, false);
});
