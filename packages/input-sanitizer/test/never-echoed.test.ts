import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { inputFlagged, inputRefused } from "../src/index.ts";
import { ask, postTo, serve } from "./problem-app.ts";

const canary = "canary4711";
const body = {
  type: "object",
  additionalProperties: false,
  required: ["query", "needed"],
  properties: {
    query: { type: "string", maxLength: 30, screen: "prose" },
    id: { type: "string", pattern: "^[a-z]{1,4}$" },
    kind: { type: "string", enum: ["a", "b"] },
    fixed: { const: "c" },
    count: { type: "integer", minimum: 1, maximum: 3, multipleOf: 2 },
    when: { type: "array", items: { type: "string", minLength: 20 }, uniqueItems: true, maxItems: 2 },
    any: { anyOf: [{ type: "integer" }, { type: "string", maxLength: 2 }] },
    needed: { not: { type: "string" } },
  },
} as const;
const attacks = ["' or 1=1 --", "<script>steal()</script>", "; cat /etc/passwd", "../../../etc/passwd", "{{7*7}}", "\0", "\ud800", ""];

/** A value with the canary in it, as a string, in a list, or as an object's member. */
const planted = fc
  .tuple(fc.constantFrom(...attacks), fc.string({ maxLength: 5 }), fc.nat(2))
  .map(
    ([attack, noise, shape]): unknown => [`${canary}${attack}${noise}`, [`${attack}${canary}`, canary], { a: `${noise}${canary}` }][shape],
  );

test("no value of a body is in the response or in an event, whatever is wrong with it", async () => {
  await using app = await serve({ body, limits: { stringLength: 60 } });
  await using open = await serve({ body: { type: "object" } });
  const told: unknown[] = [];
  const stops = [inputRefused, inputFlagged].map((event) => event.subscribe(({ req: _req, ...rest }) => told.push(rest)));
  const names = Object.keys(body.properties);
  try {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), planted, { minKeys: 1 }), async (document) => {
        const response = await postTo(app, document);
        // Some documents have nothing wrong with them; this server sends those back.
        fc.pre(response.status !== 200);
        assert.ok(response.status >= 400 && response.status < 500, response.text);
        assert.ok(!response.text.includes(canary), response.text);
        assert.ok((response.json.errors ?? []).length <= 20);
        const screened = await postTo(open, document);
        if (screened.status !== 200) assert.ok(!screened.text.includes(canary), screened.text);
        for (const problem of response.json.errors ?? []) assert.ok(problem["detail"] !== undefined && problem["pointer"]?.startsWith("#"));
      }),
      { numRuns: 120 },
    );
  } finally {
    for (const stop of stops) stop();
  }
  assert.ok(told.length > 0);
  assert.ok(!JSON.stringify(told).includes(canary));
});

test("no text of a body that is not JSON is in the response", async () => {
  await using app = await serve({ body });
  await fc.assert(
    fc.asyncProperty(fc.tuple(fc.json(), fc.nat(20), fc.constantFrom("", '"', "{", "\\", "\n")), async ([json, at, sign]) => {
      const response = await postTo(app, `${json.slice(0, at)}${canary}${sign}${json.slice(at)}`);
      assert.ok(response.status >= 400 && response.status < 500, response.text);
      if (response.json.type === "malformed-json") assert.ok(!response.text.includes(canary), response.text);
    }),
    { numRuns: 120 },
  );
});

test("no value of a parameter is in the response", async () => {
  await using app = await serve({ query: { ...body, properties: { ...body.properties, when: body.properties.id } } });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("query", "id", "kind", "count", "other"),
      fc.constantFrom(...attacks.filter((text) => text.isWellFormed())),
      async (name, attack) => {
        const response = await ask(`${app.url}/?${name}=${encodeURIComponent(canary + attack)}&id=%`);
        assert.ok(response.status >= 400 && response.status < 500, response.text);
        assert.ok(!response.text.includes(canary), response.text);
        const second = await ask(`${app.url}/?${name}=${encodeURIComponent(canary + attack)}`);
        assert.ok(!second.text.includes(canary), second.text);
      },
    ),
    { numRuns: 60 },
  );
});
