import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { walkDocument } from "../src/check/walk-document.ts";
import { readInputLimits } from "../src/options/limits.ts";
import { locateSyntaxError } from "../src/read/locate-syntax-error.ts";
import { parseJson } from "../src/read/parse-json.ts";

const generous = readInputLimits({ depth: 1_000, keys: 1_000_000 });
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test("an error is found at its line and column", () => {
  const cases: [string, number, number][] = [
    ["", 1, 1],
    ["{", 1, 2],
    ["{a:1}", 1, 2],
    ['{"a" 1}', 1, 6],
    ['{"a":1,}', 1, 8],
    ["[1,]", 1, 4],
    ["[1 2]", 1, 4],
    ["[1}", 1, 3],
    ["01", 1, 2],
    ["tru", 1, 1],
    ['"a\nb"', 1, 3],
    ['"a\\x"', 1, 3],
    ['"\\u12g4"', 1, 2],
    ['"abc', 1, 5],
    ["\n\n  [1,\n  x]", 4, 3],
    ["1 1", 1, 3],
    ["1.", 1, 2],
    ["01.", 1, 2],
    ["[1, -1e+]", 1, 7],
    ["nullx", 1, 5],
    ["[1] // c", 1, 5],
    ['1"', 1, 2],
    ['{"a":[]]', 1, 8],
    ["[".repeat(200_000), 1, 200_001],
  ];
  for (const [text, line, column] of cases) assert.deepEqual(locateSyntaxError(text), { line, column }, JSON.stringify(text.slice(0, 80)));
});

test("an error is found exactly where the engine fails to parse", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"',
    "1",
    "-",
    "1.5e3",
    "true",
    "nul",
    " ",
    "\n",
    "\\",
    "\\u00e9",
    "\t",
  );
  const nearJson = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(nearJson, fc.json(), fc.string()), (text) => {
      assert.equal(locateSyntaxError(text) === undefined, isJson(text));
    }),
    { numRuns: 1_000 },
  );
});

test("what JSON.stringify writes is read back the same, and its keys are counted right", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { document, keys } = parseJson(Buffer.from(JSON.stringify(value)), generous);
      assert.deepEqual(document, JSON.parse(JSON.stringify(value)));
      try {
        assert.equal(walkDocument(document, "body", generous).keys, keys);
      } catch (error) {
        assert.match(Reflect.get(Object(error), "type") as string, /^(?:forbidden-key|malformed-input)$/);
      }
    }),
    { numRuns: 500 },
  );
});

test("any bytes give a document or a problem and nothing else", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.string().map((text) => new TextEncoder().encode(text)),
      ),
      (bytes) => {
        try {
          parseJson(bytes, generous);
        } catch (error) {
          assert.equal(Reflect.get(Object(error), "status"), 400);
        }
      },
    ),
    { numRuns: 500 },
  );
});
