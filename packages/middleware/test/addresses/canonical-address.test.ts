import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";

import { canonicalAddress } from "@aivillage/middleware";
import * as fc from "fast-check";

test("an IPv6 address has one canonical form (RFC 5952)", () => {
  const forms: readonly (readonly [string, string])[] = [
    ["2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["2001:db8::1:0:0:1", "2001:db8::1:0:0:1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["::1", "::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["fe80::1%25.a-b", "fe80::1"],
  ];
  for (const [text, canonical] of forms) assert.equal(canonicalAddress(text), canonical);
});

test("an IPv4-mapped address is the IPv4 address, however it is written", () => {
  for (const text of ["::ffff:192.0.2.1", "::FFFF:192.0.2.1", "0:0:0:0:0:ffff:c000:201", "::ffff:c000:201", "::ffff:192.0.2.1%eth0"]) {
    assert.equal(canonicalAddress(text), "192.0.2.1", text);
  }
});

test("what is no address is undefined", () => {
  for (const text of [
    "",
    "localhost",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4%eth0",
    "::1::",
    "12345::",
    "[::1]",
    " ::1",
  ]) {
    assert.equal(canonicalAddress(text), undefined, text);
  }
});

test("every IPv6 address has a canonical form that is stable and equivalent", () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const canonical = canonicalAddress(text);
      assert.ok(canonical !== undefined && isIP(canonical) !== 0);
      assert.equal(canonicalAddress(canonical), canonical);
      assert.equal(canonicalAddress(text.toUpperCase()), canonical);
    }),
    { numRuns: 300 },
  );
});

test("every IPv4 address is its own canonical form, bare or mapped", () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      for (const form of [text, `::ffff:${text}`]) assert.equal(canonicalAddress(form), text);
    }),
    { numRuns: 200 },
  );
});

test("any text at all is an address or undefined", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const form = canonicalAddress(text);
      assert.ok(form === undefined || isIP(form) !== 0);
    }),
    { numRuns: 300 },
  );
});
