import assert from "node:assert/strict";
import { test } from "node:test";

import { Ajv } from "ajv";
import * as fc from "fast-check";

import { quickenLengths } from "../src/schema/length-keywords.ts";

const schema = { type: "string", minLength: 3, maxLength: 6, pattern: "^[^!]*$" };

test("texts are as long as ajv says, with the same errors in the same order", () => {
  const quick = new Ajv({ allErrors: true });
  quickenLengths(quick);
  const [before, after] = [new Ajv({ allErrors: true }).compile(schema), quick.compile(schema)];
  const unit = fc.constantFrom("a", "!", "\u{1f600}", "\ud83d", "\ude00");
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 9 }), (units) => {
      const text = units.join("");
      assert.equal(after(text), before(text));
      assert.deepEqual(after.errors, before.errors);
    }),
    { numRuns: 2_000 },
  );
});
