import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { Ajv } from "ajv";
import * as fc from "fast-check";

import { quickenUniqueItems } from "../src/schema/unique-items.ts";

function quickAjv(): Ajv {
  const quick = new Ajv({ allErrors: true, allowUnionTypes: true });
  quickenUniqueItems(quick);
  return quick;
}

const scalar = fc.constantFrom<unknown>(0, -0, 1, "1", "", true, false, null, "null", "[1]", "a", "__proto__");
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "c,", '"'), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

test("items are equal when ajv says so, and the error names two that are", () => {
  const schema = { type: "array", uniqueItems: true };
  const [before, after] = [new Ajv({ allErrors: true }).compile(schema), quickAjv().compile(schema)];
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), (items) => {
      assert.equal(after(items), before(items));
      const [error, another] = after.errors ?? [];
      assert.equal(another, undefined);
      if (error === undefined) return;
      const { i, j } = error.params as { i: number; j: number };
      assert.ok(j < i && isDeepStrictEqual(plain(items[i]), plain(items[j])));
      assert.equal(error.message, `must NOT have duplicate items (items ## ${j} and ${i} are identical)`);
    }),
    { numRuns: 1_000 },
  );
});

/** JSON has one zero. */
function plain(item: unknown): unknown {
  return JSON.parse(JSON.stringify(item));
}

test("`false` allows everything", () => {
  assert.ok(quickAjv().compile({ type: "array", uniqueItems: false })([1, 1]));
});

test("many items of any kind take linear time", () => {
  const validate = quickAjv().compile({ type: "array", uniqueItems: true });
  // Comparing each with every other would take minutes.
  for (const item of [(index: number) => [index], (index: number) => ({ a: index }), String]) {
    const items = Array.from({ length: 100_000 }, (_, index) => item(index));
    assert.ok(validate(items));
    assert.ok(!validate([...items, item(7)]));
  }
});
