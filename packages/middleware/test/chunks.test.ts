import assert from "node:assert/strict";
import { test } from "node:test";

import { Chunks } from "../src/index.ts";

const lengths = [0, 1, 2, 3, 700, 4_095, 4_096, 70_000];

test("what arrives in chunks of any length comes out in its order", () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const chunks = new Chunks();
    const sent: Buffer[] = [];
    for (let i = 0; i < seed; i += 1) {
      const chunk = Buffer.alloc(lengths[(seed * 7 + i * i * 3) % lengths.length] ?? 0, (seed + i) % 251);
      sent.push(chunk);
      chunks.push(chunk);
      if (i % 50 === 49) assert.ok([...chunks].length > 0);
    }
    const expected = Buffer.concat(sent);
    assert.equal(chunks.bytes, expected.length);
    assert.ok(Buffer.concat([...chunks]).equals(expected), `seed ${seed}`);
    assert.ok(chunks.joined().equals(expected), `seed ${seed}`);
  }
});

test("one chunk is kept as it is, and nothing is nothing", () => {
  const chunks = new Chunks();
  assert.equal(chunks.joined().length, 0);
  const only = Buffer.from("x");
  chunks.push(only);
  assert.equal(chunks.joined(), only);
});

test("the number of buffers does not follow the number of small chunks", () => {
  const chunks = new Chunks();
  for (let i = 0; i < 1_000_000; i += 1) chunks.push(Buffer.from([i & 0xff]));
  assert.equal(chunks.bytes, 1_000_000);
  assert.ok([...chunks].length < 64);
});

test("small chunks between large ones share blocks", () => {
  const chunks = new Chunks();
  const large = Buffer.alloc(4_096);
  for (let i = 0; i < 1_000; i += 1) {
    chunks.push(large);
    chunks.push(Buffer.from([1]));
  }
  const own = [...chunks].filter((chunk) => chunk !== large);
  assert.ok(new Set(own.map(({ buffer }) => buffer)).size < 8);
});
