import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";

import { canonicalAddress } from "@aivillage/middleware";
import * as fc from "fast-check";

import { addressOfNode } from "../src/address.ts";

test("every IPv6 address in brackets is read in its canonical form, with or without a port", () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      assert.equal(addressOfNode(`[${text}]`), canonicalAddress(text));
      assert.equal(addressOfNode(`[${text}]:8080`), canonicalAddress(text));
    }),
    { numRuns: 300 },
  );
});

test("every IPv4 address is read with or without a port", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(65_535), (text, port) => {
      assert.deepEqual([addressOfNode(text), addressOfNode(`${text}:${port}`)], [text, text]);
    }),
    { numRuns: 200 },
  );
});

test("any text at all is an address or undefined", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const address = addressOfNode(text);
      assert.ok(address === undefined || isIP(address) !== 0);
    }),
    { numRuns: 300 },
  );
});
