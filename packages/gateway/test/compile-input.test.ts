import assert from "node:assert/strict";
import { test } from "node:test";

import { compileInput, noQuery } from "../src/config/options/compile-input.ts";
import { aiSchemas } from "../src/config/settings/ai-schemas.ts";
import { chatSchema, querySchema } from "../src/endpoints/input-schemas.ts";

const body = (name: string) => ({ type: "object", properties: { [name]: { type: "string", screen: "prose" } } }) as const;

test("the same schemas are compiled once, also when they come from another load of the configuration", () => {
  const check = compileInput({ body: body("a") });
  assert.equal(compileInput({ body: structuredClone(body("a")) }), check);
  assert.notEqual(compileInput({ body: body("b") }), check);
  assert.notEqual(compileInput({ query: body("a") }), check);
  assert.notEqual(compileInput({ query: body("a"), body: body("a") }), check);
});

test("a schema that is not valid is refused each time", () => {
  for (let turn = 0; turn < 2; turn += 1) assert.throws(() => compileInput({ body: { type: "strin" } }), TypeError);
});

test("the schemas that the gateway ships, which no start checks, are valid", () => {
  for (const schema of [noQuery, querySchema, chatSchema, ...Object.values(aiSchemas)])
    assert.doesNotThrow(() => compileInput({ body: schema, checkSchemas: true }));
});
