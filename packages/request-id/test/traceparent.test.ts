import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { formatTraceparent, parseTraceparent } from "../src/traceparent.ts";

const trace = "12345678901234567890123456789012";
const span = "1234567890123456";
const parsed = { traceId: trace, spanId: span, flags: 1 };

test("version 00 is exactly 55 characters", () => {
  assert.deepEqual(parseTraceparent(`00-${trace}-${span}-01`), parsed);
  for (const more of [".", "-", "-what-the-future-will-be-like", " ", "0"])
    assert.equal(parseTraceparent(`00-${trace}-${span}-01${more}`), undefined);
});

test("a higher version may have more, but only behind a dash", () => {
  assert.deepEqual(parseTraceparent(`cc-${trace}-${span}-01`), parsed);
  assert.deepEqual(parseTraceparent(`cc-${trace}-${span}-01-what-the-future-will-be-like`), parsed);
  assert.deepEqual(parseTraceparent(`fe-${trace}-${span}-01-`), parsed);
  assert.equal(parseTraceparent(`cc-${trace}-${span}-01.what-the-future-will-not-be-like`), undefined);
  assert.equal(parseTraceparent(`cc-${trace}-${span}-010`), undefined);
});

test("version ff and ids of zeros are invalid", () => {
  assert.equal(parseTraceparent(`ff-${trace}-${span}-01`), undefined);
  assert.equal(parseTraceparent(`00-${"0".repeat(32)}-${span}-01`), undefined);
  assert.equal(parseTraceparent(`00-${trace}-${"0".repeat(16)}-01`), undefined);
});

test("fields of another length or with other characters are invalid", () => {
  for (const version of ["", "0", "000", "0000", ".0", "0.", "AA", "0x"])
    assert.equal(parseTraceparent(`${version}-${trace}-${span}-01`), undefined);
  for (const id of ["", `${trace}3`, trace.slice(1), `.${trace.slice(1)}`, `${trace.slice(1)}.`, `A${trace.slice(1)}`]) {
    assert.equal(parseTraceparent(`00-${id}-${span}-01`), undefined);
  }
  for (const id of ["", `${span}7`, span.slice(1), `.${span.slice(1)}`, `F${span.slice(1)}`]) {
    assert.equal(parseTraceparent(`00-${trace}-${id}-01`), undefined);
  }
  for (const flags of ["", "1", "001", ".0", "0.", "0A", "0\n"]) assert.equal(parseTraceparent(`00-${trace}-${span}-${flags}`), undefined);
});

test("flags that are not defined are read over and written as zero", () => {
  assert.equal(parseTraceparent(`00-${trace}-${span}-ff`)?.flags, 3);
  assert.equal(parseTraceparent(`00-${trace}-${span}-04`)?.flags, 0);
  assert.equal(formatTraceparent({ ...parsed, flags: 0xff }), `00-${trace}-${span}-03`);
});

const hex = (length: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));

test("whatever is valid is read, and written as version 00 with the defined flags", () => {
  fc.assert(
    fc.property(hex(2), hex(32), hex(16), hex(2), (version, traceId, spanId, flags) => {
      const text = `${version}-${traceId}-${spanId}-${flags}`;
      const invalid = version === "ff" || /^0+$/.test(traceId) || /^0+$/.test(spanId);
      const result = parseTraceparent(text);
      if (invalid) return assert.equal(result, undefined);
      assert.ok(result !== undefined);
      assert.equal(formatTraceparent(result), `00-${traceId}-${spanId}-0${Number.parseInt(flags, 16) % 4}`);
    }),
    { numRuns: 300 },
  );
});

test("one changed character either spoils a version 00 or leaves a valid one", () => {
  const text = `00-${trace}-${span}-01`;
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 1 }), (at, character) => {
      const changed = text.slice(0, at) + character + text.slice(at + 1);
      const dash = [2, 35, 52].includes(at);
      const allowed = (dash ? /^-$/ : /^[0-9a-f]$/).test(character) && !changed.startsWith("ff");
      assert.equal(parseTraceparent(changed) !== undefined, allowed, JSON.stringify(changed));
    }),
    { numRuns: 500 },
  );
});

test("any text at all is either refused or yields ids that are safe to send", () => {
  const nearly = fc.tuple(hex(2), fc.constantFrom("-", "", ","), hex(32), hex(16), fc.string({ unit: "binary", maxLength: 20 }));
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    nearly.map(([version, dash, a, b, more]) => `${version}${dash}${a}-${b}-01${more}`),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const result = parseTraceparent(text);
      if (result === undefined) return;
      assert.match(formatTraceparent(result), /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/);
      assert.ok(!text.includes(","), text);
    }),
    { numRuns: 500 },
  );
});
