import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";
import * as fc from "fast-check";

import { sanitizeInput } from "../src/index.ts";
import { anything, asJson, attach, echoInput, postTo, serve } from "./problem-app.ts";

forEachHost((host) => {
  test("the text of the body is at getInput() unchanged, spaces and escapes included", async () => {
    await using app = await host.serve([sanitizeInput({ body: anything }), echoInput], asJson);
    for (const text of ['{ "a" : [1.0, 1e2] }\n', String.raw`"\u0041\/"`, "7", '{"é":"多"}']) {
      assert.equal((await postTo(app, text)).json.text, text);
    }
  });

  test("a body that another parser has read has no text, one that it left as bytes has", async () => {
    await using parsed = await host.serve([attach({ body: { a: 1 } }), sanitizeInput({ body: anything }), echoInput], asJson);
    assert.equal((await postTo(parsed, '{"a":1}')).json.text, undefined);
    await using raw = await host.serve([attach({ body: Buffer.from('{"b":2}') }), sanitizeInput({ body: anything }), echoInput], asJson);
    assert.equal((await postTo(raw, '{"a":1}')).json.text, '{"b":2}');
  });
});

test("the text has every digit of integers that JavaScript rounds", async () => {
  await using app = await serve({ body: anything });
  const texts = ["[9007199254740991]", "[0.1]", "[9007199254740993]", '{"seed":9223372036854775807}', "[-9223372036854775808]", "[1e16]"];
  const kept = await Promise.all(texts.map(async (text) => (await postTo(app, text)).json.text));
  assert.deepEqual(kept, texts);
});

test("there is no text when cleaning changed something, and there is when it did not", async () => {
  const body = { type: "object", properties: { a: { type: "string", clean: { trim: true } } } };
  await using app = await serve({ body });
  assert.equal((await postTo(app, '{"a":"x"}')).json.text, '{"a":"x"}');
  const cleaned = await postTo(app, '{"a":" x"}');
  assert.deepEqual([cleaned.json.body, cleaned.json.text], [{ a: "x" }, undefined]);
});

test("the text is parsed to the checked body and to nothing else", async () => {
  await using app = await serve({ body: anything, screening: false });
  const spaced = fc
    .tuple(fc.jsonValue(), fc.constantFrom("", " ", "\t", "\n "))
    .map(([value, space]) => JSON.stringify(value, null, space));
  await fc.assert(
    fc.asyncProperty(spaced, async (text) => {
      const { json } = await postTo(app, text);
      if (json.text === undefined) return;
      assert.equal(json.text, text);
      assert.deepEqual(JSON.parse(json.text), json.body);
    }),
    { numRuns: 100 },
  );
});
