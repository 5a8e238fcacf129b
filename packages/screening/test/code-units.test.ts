import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { Budget } from "../src/budget.ts";
import { normaliseWide, isWide } from "../src/decode/normalise-wide.ts";
import { isPlainId, detectSyntax } from "../src/detectors/strict-syntax.ts";
import { MatchSet } from "../src/match-set.ts";
import { CodeUnits } from "../src/scan/code-units.ts";

describe("code units", () => {
  const room = new CodeUnits();
  const read = (text: string): string => {
    room.write(text);
    assert.equal(room.units[0], 0);
    assert.equal(room.units[text.length + 1], 0);
    assert.equal(room.units[text.length + 2], 0);
    return String.fromCharCode(...room.units.subarray(1, text.length + 1));
  };

  test("are those of the text, halves of surrogate pairs included, between zeros", () => {
    for (const text of ["", "a", "é多\u{1f600}", "\ud800a\udc00", "\u0000"]) assert.equal(read(text), text);
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 50 }), (text) => assert.equal(read(text), text)));
  });

  test("of a short text after a very long one have nothing left of it", () => {
    room.write("x".repeat(1_000_000));
    assert.equal(room.units[1_000_000], 0x78);
    assert.equal(room.units[1_000_001], 0);
    assert.equal(read("short"), "short");
    room.trim();
    assert.ok(room.units.length < 200_000, "the room of the long one is given back");
    assert.equal(read("short"), "short");
  });
});

test("a character counts as wide if and only if it is folded", () => {
  const escape = { code: 0, length: 0 };
  for (let code = 0x2000; code < 0x1_0000; code += 1) assert.equal(isWide(code), normaliseWide(code, escape), code.toString(16));
  for (const code of [0, 0x41, 0xe9, 0x1fff]) assert.ok(!isWide(code));
});

describe("a plain id", () => {
  for (const id of ["session-4711-a", "42", "Ada_Lovelace", "0b5e1c2d-9f3a-4c7e-8d21-6a4f3b2c1d0e"])
    test(id, () => assert.ok(isPlainId(id)));
  for (const text of [
    "",
    "a b",
    "a.b",
    "a'b",
    "whoami",
    "LS",
    "__proto__",
    "x--",
    "0x4141",
    "id_rsa",
    "shadow",
    "web-inf",
    "é",
    "a".repeat(129),
  ])
    test(`is not ${JSON.stringify(text.slice(0, 20))}`, () => assert.ok(!isPlainId(text)));

  test("has nothing that the strict patterns would find", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "whoami",
        "ls",
        "DATA",
        "__proto__",
        "0x",
        "a41f",
        "--",
        "-",
        "id_rsa",
        "passwd",
        "inf",
        "config",
        "select",
        "or",
        "exec",
        "null",
      ),
      fc.string({ unit: fc.constantFrom(...Array.from("abcxyzABC0123456789_-")), maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const text = pieces.join("");
        const matches = new MatchSet(new Budget(text.length));
        detectSyntax(text, matches);
        assert.ok(!isPlainId(text) || [...matches.list()].length === 0, text);
      }),
      { numRuns: 5_000 },
    );
  });
});
