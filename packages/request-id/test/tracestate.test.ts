import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { parseTracestate } from "../src/tracestate.ts";

test("members keep their order; blanks and empty members go", () => {
  assert.equal(parseTracestate("foo=1 \t , \t bar=2,,\t, \t baz=3"), "foo=1,bar=2,baz=3");
  assert.equal(parseTracestate("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"), "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
  assert.equal(parseTracestate("foo=1,foo=2"), "foo=1,foo=2");
});

test("an empty list is none", () => {
  for (const text of ["", " ", ",", " ,\t, "]) assert.equal(parseTracestate(text), undefined);
});

test("every character that a key or value may have is kept", () => {
  const key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/@a";
  const printable = Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index)).join("");
  const value = printable.replace(",", "").replace("=", "");
  assert.equal(parseTracestate(`${key}=${value}`), `${key}=${value}`);
  assert.equal(parseTracestate("0key@@x=a b"), "0key@@x=a b");
});

test("one malformed member spoils the list", () => {
  for (const bad of [
    "foo =1",
    "FOO=1",
    "foo.bar=1",
    "@foo=1",
    "-foo=1",
    "foo",
    "=1",
    "foo=",
    "foo=bar=baz",
    "foo=\u00e9",
    "foo=a\tb",
    "f\u00a0=1",
  ]) {
    assert.equal(parseTracestate(`ok=1,${bad}`), undefined, bad);
  }
});

test("keys and values have at most 256 characters", () => {
  assert.equal(parseTracestate(`${"z".repeat(256)}=1`), `${"z".repeat(256)}=1`);
  assert.equal(parseTracestate(`${"z".repeat(257)}=1`), undefined);
  assert.equal(parseTracestate(`z=${"v".repeat(256)}`), `z=${"v".repeat(256)}`);
  assert.equal(parseTracestate(`z=${"v".repeat(257)}`), undefined);
});

test("32 members are kept and 33 are none", () => {
  const members = Array.from({ length: 33 }, (_, index) => `bar${index}=${index}`);
  assert.equal(parseTracestate(members.slice(0, 32).join(",")), members.slice(0, 32).join(","));
  assert.equal(parseTracestate(members.join(",")), undefined);
});

test("above 512 characters the large members go first, then the last ones", () => {
  const large = `large=${"x".repeat(200)}`;
  const small = Array.from({ length: 10 }, (_, index) => `k${index}=${"y".repeat(37)}`);
  assert.equal(parseTracestate([large, ...small].join(",")), small.join(","));
  const many = Array.from({ length: 20 }, (_, index) => `m${index % 10}=${"y".repeat(37)}`);
  assert.equal(parseTracestate(many.join(",")), many.slice(0, 12).join(","));
  assert.equal(parseTracestate([large, large, large].join(",")), undefined);
});

const key = fc.stringMatching(/^[a-z0-9][a-z0-9_\-*/@]{0,40}$/);
const value = fc.stringMatching(/^[ -+\--<>-~]{0,40}[!-+\--<>-~]$/);
const blanks = fc.stringMatching(/^[ \t]{0,3}$/);

test("a list within the bounds comes out unchanged but for its blanks", () => {
  const members = fc.array(fc.tuple(blanks, key, value, blanks), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(members, (list) => {
      // A leading space belongs to the value, so it is put where blanks around a member do not reach.
      const clean = list.map(([, name, text]) => `${name}=${text}`);
      assert.equal(parseTracestate(list.map(([before, , , after], index) => before + clean[index] + after).join(",")), clean.join(","));
    }),
    { numRuns: 200 },
  );
});

test("any text at all is either refused or bounded, and reading it again changes nothing", () => {
  const list = fc.array(
    fc.oneof(
      fc.tuple(key, value).map(([name, text]) => `${name}=${text}`),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: "binary", maxLength: 100 }),
        list.map((members) => members.join(",")),
      ),
      (text) => {
        const result = parseTracestate(text);
        if (result === undefined) return;
        assert.ok(result.length <= 512 && result.split(",").length <= 32);
        assert.match(result, /^[ -~]+$/);
        assert.equal(parseTracestate(result), result);
      },
    ),
    { numRuns: 300 },
  );
});
