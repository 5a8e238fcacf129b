import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { KeyHash } from "../../src/memory/key-hash.ts";

const hashes = new KeyHash();
const of = (text: string): string => {
  const { low, high } = hashes.of(text);
  return `${low} ${high}`;
};

test("equal strings have equal hashes, different ones different hashes", () => {
  const texts = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: "binary", maxLength: 600 }));
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      const first = of(one);
      assert.equal(of(other) === first, one === other);
      assert.equal(of(`${one}${other}`.slice(0, one.length)), first);
    }),
    { numRuns: 300 },
  );
});

test("length, order and every bit of a unit count", () => {
  const texts = ["", "\0", "\0\0", "\0\0\0", "ab", "ba", "a\u0100", "a\u0001", "\ud800", "x".repeat(256), "x".repeat(257), "x".repeat(512)];
  assert.equal(new Set(texts.map(of)).size, texts.length);
});

test("addresses next to each other are spread evenly", () => {
  const buckets = new Uint32Array(64);
  const whole = new Set<string>();
  for (let address = 0; address < 64_000; address += 1) {
    const text = `10.0.${address >> 8}.${address & 255}`;
    whole.add(of(text));
    buckets[hashes.of(text).low % 64] = (buckets[hashes.of(text).low % 64] ?? 0) + 1;
  }
  assert.equal(whole.size, 64_000);
  assert.ok(Math.min(...buckets) > 800 && Math.max(...buckets) < 1_200, buckets.join(" "));
});

test("another secret gives other hashes", () => {
  const other = new KeyHash();
  assert.notDeepEqual([other.of("a").low, other.of("a").high], [hashes.of("a").low, hashes.of("a").high]);
  const same = [Buffer.alloc(8, 1), Buffer.alloc(8, 1)].map((secret) => new KeyHash(secret).of("a"));
  assert.deepEqual([same[0]?.low, same[0]?.high], [same[1]?.low, same[1]?.high]);
});
