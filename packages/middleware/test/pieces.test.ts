import assert from "node:assert/strict";
import { test } from "node:test";

import { Pieces } from "../src/index.ts";

const lengths = [0, 1, 2, 3, 700, 4_095, 4_096, 70_000];

test("what arrives in chunks of any length comes out in its order", () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const pieces = new Pieces();
    const sent: Buffer[] = [];
    for (let i = 0; i < seed; i += 1) {
      const piece = Buffer.alloc(lengths[(seed * 7 + i * i * 3) % lengths.length] ?? 0, (seed + i) % 251);
      sent.push(piece);
      pieces.push(piece);
      if (i % 50 === 49) assert.ok([...pieces].length > 0);
    }
    const expected = Buffer.concat(sent);
    assert.equal(pieces.bytes, expected.length);
    assert.ok(Buffer.concat([...pieces]).equals(expected), `seed ${seed}`);
    assert.ok(pieces.joined().equals(expected), `seed ${seed}`);
  }
});

test("one chunk is kept as it is, and nothing is nothing", () => {
  const pieces = new Pieces();
  assert.equal(pieces.joined().length, 0);
  const only = Buffer.from("x");
  pieces.push(only);
  assert.equal(pieces.joined(), only);
});

test("the number of buffers does not follow the number of small chunks", () => {
  const pieces = new Pieces();
  for (let i = 0; i < 1_000_000; i += 1) pieces.push(Buffer.from([i & 0xff]));
  assert.equal(pieces.bytes, 1_000_000);
  assert.ok([...pieces].length < 64);
});

test("small chunks between large ones share blocks", () => {
  const pieces = new Pieces();
  const large = Buffer.alloc(4_096);
  for (let i = 0; i < 1_000; i += 1) {
    pieces.push(large);
    pieces.push(Buffer.from([1]));
  }
  const own = [...pieces].filter((piece) => piece !== large);
  assert.ok(new Set(own.map(({ buffer }) => buffer)).size < 8);
});
