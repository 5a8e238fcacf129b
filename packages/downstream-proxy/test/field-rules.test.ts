import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { prepareFieldRules } from "../src/field-rules.ts";
import { writtenForwarded } from "../src/forwarded.ts";
import { hopByHop } from "../src/hop-by-hop.ts";

const ruleOf = prepareFieldRules(["authorization", "cookie"]);
const never = [...hopByHop, ...writtenForwarded, "host", "expect", "content-length", "via", "authorization", "cookie"];

/** The name with some of its letters in the other case. */
const anyCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => Array.from(name, (letter, index) => (upper[index] === true ? letter.toUpperCase() : letter)).join(""));

test("a field that is never sent on is known in any case", () => {
  fc.assert(
    fc.property(fc.constantFrom(...never).chain(anyCase), (name) => {
      const rule = ruleOf(name);
      return rule.isDropped && rule.name === name.toLowerCase();
    }),
  );
});

test("fields about the way and about the body are known in any case", () => {
  fc.assert(fc.property(anyCase("x-forwarded-anything"), (name) => ruleOf(name).isForwarded));
  fc.assert(fc.property(anyCase("x-real-ip"), (name) => ruleOf(name).isForwarded));
  fc.assert(fc.property(anyCase("content-encoding"), (name) => ruleOf(name).describesBody));
});

test("all others pass, those with the names of members of objects too", () => {
  for (const name of ["X-Mine", "Accept", "toString", "__proto__", "constructor", "connectionx", "x-forwarded"]) {
    const { isDropped, isForwarded, describesBody } = ruleOf(name);
    assert.deepEqual([isDropped, isForwarded, describesBody], [false, false, false], name);
  }
  assert.equal(prepareFieldRules([])("Authorization").isDropped, false);
});
