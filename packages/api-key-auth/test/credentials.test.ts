import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import * as fc from "fast-check";

import { type Credentials, readCredentials } from "../src/credentials.ts";
import { KeyRing } from "../src/index.ts";

const b64token = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,64}={0,3}$/);

function read(headers: readonly string[], url = "/"): Credentials {
  const rawHeaders = headers.flatMap((value) => ["Authorization", value]);
  return readCredentials({ headers: { authorization: headers[0] }, rawHeaders, url } as unknown as IncomingMessage);
}

test("every token of the form of RFC 6750 comes through as it was sent", () => {
  fc.assert(
    fc.property(b64token, fc.constantFrom("Bearer", "bearer", "BEARER", "bEARER"), fc.nat(4), (token, scheme, spaces) => {
      assert.deepEqual(read([`${scheme} ${" ".repeat(spaces)}${token}`]), { token });
    }),
    { numRuns: 300 },
  );
});

test("whatever the header holds, the result is a token of the right form or a reason", () => {
  const anyHeader = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({ maxLength: 80 }).map((text) => `Bearer ${text}`),
    fc.integer({ min: 4090, max: 9000 }).map((length) => `Bearer ${"a".repeat(length)}`),
  );
  fc.assert(
    fc.property(anyHeader, (header) => {
      const result = read([header]);
      if ("token" in result) assert.match(result.token, /^[A-Za-z0-9\-._~+/]{1,4096}=*$/);
      else assert.match(result.failure, /^(missing|malformed)$/);
    }),
    { numRuns: 500 },
  );
});

test("several headers are malformed whatever they hold", () => {
  fc.assert(
    fc.property(fc.array(b64token, { minLength: 2, maxLength: 4 }), (tokens) => {
      assert.deepEqual(read(tokens.map((token) => `Bearer ${token}`)), { failure: "malformed" });
    }),
    { numRuns: 50 },
  );
});

test("any query string is read without throwing, and only the names count", () => {
  const readQuery = (url: string): Credentials => readCredentials({ headers: {}, rawHeaders: [], url } as unknown as IncomingMessage);
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (noise) => {
      assert.ok("failure" in readQuery(`/?${noise}`));
      assert.deepEqual(readQuery(`/?q=${encodeURIComponent(noise)}`), { failure: "missing" });
      assert.deepEqual(readQuery(`/?q=${encodeURIComponent(noise)}&api_key=${encodeURIComponent(noise)}`), { failure: "in-query" });
    }),
    { numRuns: 200 },
  );
});

test("a ring knows exactly its own keys", () => {
  fc.assert(
    fc.property(fc.uniqueArray(b64token, { minLength: 2, maxLength: 8 }), ([stranger = "", ...secrets]) => {
      const ring = new KeyRing(secrets.map((secret, position) => ({ id: `key-${position}`, secret })));
      for (const [position, secret] of secrets.entries()) {
        const verdict = ring.check(secret, 0);
        assert.equal(typeof verdict === "object" && verdict.id, `key-${position}`);
      }
      assert.equal(ring.check(stranger, 0), "unknown");
    }),
    { numRuns: 100 },
  );
});
