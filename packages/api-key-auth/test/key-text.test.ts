import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crc32 } from "node:zlib";

import { forEachHost } from "@aivillage/testing";
import * as fc from "fast-check";

import { apiKeyAuth, createApiKey, KeyRing, parseApiKey } from "../src/index.ts";
import { ask } from "./support.ts";

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

test("a new key has prefix, id, secret and checksum, and its digest is that of the whole text", () => {
  const { key, keyId, sha256 } = createApiKey({ prefix: "acme1" });
  assert.match(key, /^acme1_[0-9A-Za-z]{12}\.[0-9A-Za-z]{49}$/);
  assert.deepEqual(parseApiKey(key), { prefix: "acme1", keyId });
  assert.equal(sha256, createHash("sha256").update(key).digest("hex"));
  assert.match(createApiKey().key, /^aiv_/);
});

test("the checksum is the CRC-32 of all before it, to the base of 62", () => {
  for (let count = 0; count < 50; count += 1) {
    const { key } = createApiKey();
    const value = Array.from(key.slice(-6)).reduce((sum, digit) => sum * 62 + base62.indexOf(digit), 0);
    assert.equal(value, crc32(key.slice(0, -6)));
  }
});

test("no two keys share an id or a secret, and every letter and digit comes at every place about as often", () => {
  const keys = Array.from({ length: 500 }, () => createApiKey());
  assert.equal(new Set(keys.map(({ keyId }) => keyId)).size, keys.length);
  const counts = new Map<string, number>();
  for (const digit of keys.map(({ key }) => key.split(".")[1]?.slice(0, 43) ?? "").join(""))
    counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const expected = (keys.length * 43) / 62;
  assert.equal(counts.size, 62);
  // Ten standard deviations: a fair generator never gets there.
  for (const [digit, count] of counts) assert.ok(Math.abs(count - expected) < 10 * Math.sqrt(expected), `${digit}: ${count}`);
});

test("any one wrong character, missing end or longer end is a typing error", () => {
  const places = fc.record({ at: fc.nat(61), by: fc.constantFrom(...Array.from(base62)) });
  fc.assert(
    fc.property(places, ({ at, by }) => {
      const { key } = createApiKey();
      const secretAt = key.length - 49 + (at % 49);
      const wrong = key.slice(0, secretAt) + by + key.slice(secretAt + 1);
      assert.equal(typeof parseApiKey(wrong) === "object", wrong === key);
      assert.equal(parseApiKey(key.slice(0, secretAt)), "mistyped");
      assert.equal(parseApiKey(key + by), "mistyped");
    }),
    { numRuns: 300 },
  );
});

test("two neighbours in the wrong order are a typing error", () => {
  for (let count = 0; count < 100; count += 1) {
    const { key } = createApiKey();
    const [a = "", b = ""] = [key.at(30), key.at(31)];
    assert.equal(parseApiKey(key.slice(0, 30) + b + a + key.slice(32)) === "mistyped", a !== b);
  }
});

test("every other text is opaque and can be a key all the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 90 }), (text) => assert.equal(parseApiKey(text), "opaque")),
    { numRuns: 300 },
  );
  for (const text of ["", "dev-gateway-key-12345", "a_0123456789ab.x", "Aiv_0123456789ab.x", "aiv_0123456789a.x", "a.b.c"]) {
    assert.equal(parseApiKey(text), "opaque", text);
  }
});

test("an opaque key that looks like one with a wrong checksum is a key when it is configured", () => {
  const secret = "aiv_0123456789ab.chosen-by-hand".replaceAll("-", "");
  assert.equal(parseApiKey(secret), "mistyped");
  const verdict = new KeyRing([{ id: "ada", secret }]).check(secret, 0);
  assert.equal(typeof verdict === "object" && verdict.id, "ada");
});

test("a bad prefix is refused", () => {
  for (const prefix of ["", "a", "A", "1a", "a_b", "a-b", "abcdefghijklmnopq", "ä", 5, null]) {
    assert.throws(() => createApiKey({ prefix: prefix as string }), {
      name: "TypeError",
      message: /option `prefix` must be 2 to 16 small/,
    });
  }
});

test("the expression for secret scanners that the docs give finds keys in text, and nothing in what is no key", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/packages/api-key-auth.md"), "utf8");
  const source = /```regex\n(.+)\n```/.exec(page)?.[1] ?? "";
  const { key } = createApiKey();
  const text = `API_KEY="${key}"\ncurl -H 'Authorization: Bearer ${key}' # and aiv_0123456789ab.short`;
  assert.deepEqual(text.match(new RegExp(source, "g")), [key, key]);
  assert.equal(new RegExp(source).test(`x${key}`), false);
  assert.equal(new RegExp(source).test(`${key}0`), false);
});

test("the key that the docs show is well-formed", () => {
  for (const page of ["packages/api-key-auth.md", "keys.md"]) {
    const shown = /^aiv_\S+$/m.exec(readFileSync(join(import.meta.dirname, "../../../docs", page), "utf8"))?.[0] ?? "";
    assert.deepEqual(parseApiKey(shown), { prefix: "aiv", keyId: "k3J9dE7xQ2pL" }, page);
  }
});

forEachHost((host) => {
  const { key, ...stored } = createApiKey();
  const auth = apiKeyAuth({ keys: [{ id: "ada", ...stored }] });

  test("what createApiKey() returns beside the key is what a ring needs, and the principal has the key id", async () => {
    const { status, body } = await ask(host, [auth], `Bearer ${key}`);
    assert.equal(status, 200);
    assert.deepEqual(body, { kind: "key", id: "ada", keyId: stored.keyId, tier: "authenticated", scopes: ["*"] });
  });

  test("a mistyped key is reported as mistyped, with the challenge of an unknown key", async () => {
    const unknown = await ask(host, [auth], `Bearer ${createApiKey().key}`);
    const mistyped = await ask(host, [auth], `Bearer ${key.slice(0, -1)}`);
    assert.deepEqual([mistyped.status, mistyped.challenge, mistyped.body.type], [401, unknown.challenge, unknown.body.type]);
    assert.match(mistyped.body.detail, /typing error or is not complete/);
    assert.doesNotMatch(unknown.body.detail, /typing/);
  });

  test("a key is recognised in the query string under any name", async () => {
    for (const path of [`/?q=${key}`, `/?token=1&x=${key}`]) {
      const { status, body } = await ask(host, [auth], undefined, path);
      assert.deepEqual([status, body.type], [400, "malformed-credentials"]);
      assert.ok(!JSON.stringify(body).includes(key.slice(-20)));
    }
    assert.equal((await ask(host, [auth], undefined, `/?q=${key.slice(0, -1)}`)).status, 401);
  });
});
