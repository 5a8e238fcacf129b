import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import formats from "ajv-formats";

import { getInput, plainSchema, sanitizeInput } from "../src/index.ts";

const statusFor = async (schema: Record<string, unknown>, body: unknown): Promise<number> => {
  const respond = compose(sanitizeInput({ body: schema }), (req, res) => res.end(JSON.stringify(getInput(req)?.body)));
  await using app = await listen(toListener(respond));
  const headers = { "Content-Type": "application/json" };
  return (await fetch(app.url, { method: "POST", headers, body: JSON.stringify(body) })).status;
};
const withA = (a: object) => ({ type: "object", required: ["a"], properties: { a } });

test("formats are checked", async () => {
  const values: readonly (readonly [format: string, good: string, bad: string])[] = [
    ["email", "ada@example.com", "ada"],
    ["uuid", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0"],
    ["date-time", "2025-01-22T10:30:00Z", "2025-01-22"],
    ["date", "2025-02-28", "2025-02-30"],
    ["uri", "https://example.com/a", "example"],
    ["ipv4", "192.0.2.1", "192.0.2"],
  ];
  for (const [format, good, bad] of values) {
    const schema = withA({ type: "string", format });
    assert.equal(await statusFor(schema, { a: good }), 200, format);
    assert.equal(await statusFor(schema, { a: bad }), 422, format);
  }
});

test("base64 is one line of it, whatever the other lines hold", async () => {
  const schema = withA({ type: "string", format: "byte", screen: { off: "base64" } });
  for (const good of ["", "QUJD", "QUI=", "aGk0NA=="]) assert.equal(await statusFor(schema, { a: good }), 200, good);
  for (const bad of ["no base64!\n", "no base64!\nQUJD", "QUJD\nQUJD", "\n", "QUJ", "Q==="])
    assert.equal(await statusFor(schema, { a: bad }), 422, bad);
});

test("the format url takes the URLs that ajv-formats takes, and many colons in linear time", async () => {
  const schema = withA({ type: "string", format: "url" });
  const users = ["", "ada@", "ada:@", "ada:secret@", ":@", "a@b@", "a:b:c@", "@"];
  const rests = ["example.com", "example.com:8080/a@b?c=d:e#f", "192.0.2.1", "example", "10.0.0.1", "127.0.0.1", "a b.example", ""];
  const original = formats.default.get("url") as RegExp;
  for (const url of users.flatMap((user) => rests.map((rest) => `https://${user}${rest}`))) {
    assert.equal(await statusFor(schema, { a: url }), original.test(url) ? 200 : 422, url);
  }
  // The longest string by default. In quadratic time it would keep the process busy for a quarter of a minute, sixty times: until the test counts as hanging.
  const costly = `http://${":".repeat(99_990)}`;
  for (let round = 0; round < 60; round += 1) assert.equal(await statusFor(schema, { a: costly }), 422);
});

test("a format that does not exist, and one that would compile what a client sends, are refused", () => {
  for (const format of ["mail", "regex"]) assert.throws(() => sanitizeInput({ body: withA({ type: "string", format }) }), /unknown format/);
});

test("a schema of OpenAPI 3.0, with its annotations and extensions", async () => {
  const schema = {
    type: "object",
    required: ["kind"],
    properties: {
      kind: { type: "string", example: "cat", nullable: true, "x-order": 1 },
      age: { type: "integer", format: "int32", xml: { attribute: true } },
    },
    allOf: [{ type: "object", required: ["age"] }],
    discriminator: { propertyName: "kind" },
    externalDocs: { url: "https://example.com" },
    "x-internal": { "x-team": "a" },
  };
  assert.equal(await statusFor(schema, { kind: "cat", age: 3 }), 200);
  assert.equal(await statusFor(schema, { kind: "cat" }), 422);
});

test("a misspelt keyword is still refused", () => {
  assert.throws(() => sanitizeInput({ body: { type: "object", propertys: {} } }), /unknown keyword: "propertys"/);
});

test("a schema of OpenAPI 3.1 names its dialect", async () => {
  const schema = { $schema: "https://spec.openapis.org/oas/3.1/dialect/base", ...withA({ type: "string", example: "x" }) };
  assert.equal(await statusFor(schema, { a: "b" }), 200);
  assert.equal(await statusFor(schema, { a: 1 }), 422);
});

// As zod 4.6 prints z.object({ name: z.string().min(1), mail: z.email(), tags: z.tuple([z.string()]), more: z.record(z.string(), z.number()) }).
test("what zod 4 prints, which is 2020-12", async () => {
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      name: { type: "string", minLength: 1 },
      mail: {
        type: "string",
        format: "email",
        pattern: String.raw`^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$`,
      },
      tags: { type: "array", prefixItems: [{ type: "string" }] },
      more: { type: "object", propertyNames: { type: "string" }, additionalProperties: { type: "number" } },
    },
    required: ["name", "mail", "tags", "more"],
    additionalProperties: false,
  };
  const good = { name: "Ada", mail: "ada@example.com", tags: ["a"], more: { b: 1 } };
  assert.equal(await statusFor(schema, good), 200);
  for (const wrong of [{ mail: "ada" }, { tags: [1] }, { more: { b: "1" } }, { extra: 1 }])
    assert.equal(await statusFor(schema, { ...good, ...wrong }), 422, JSON.stringify(wrong));
});

// As TypeBox 0.34 makes Type.Object({ id: Type.String({ format: "uuid" }), kind: Type.Union([Type.Literal("a"), Type.Literal("b")]) }).
test("what TypeBox makes, with symbols among the members", async () => {
  const kind = Symbol("TypeBox.Kind");
  const schema = {
    [kind]: "Object",
    ...withA({
      [kind]: "Union",
      anyOf: [
        { [kind]: "Literal", const: "a", type: "string" },
        { const: "b", type: "string" },
      ],
    }),
    additionalProperties: false,
  };
  assert.equal(await statusFor(schema, { a: "b" }), 200);
  assert.equal(await statusFor(schema, { a: "c" }), 422);
});

test("a schema for other tools lacks `screen` and `clean`, and keeps what only has their names", () => {
  const text = { type: "string", maxLength: 9, screen: "prose", clean: { trim: true } };
  const data = { enum: [{ screen: "hd" }], default: { clean: true }, examples: [{ screen: 1 }] };
  const schema = {
    type: "object",
    screen: "prose",
    properties: { screen: text, clean: { type: "boolean" }, tags: { type: "array", items: text }, device: data },
    dependentRequired: { screen: ["clean"] },
    anyOf: [{ properties: { screen: { const: { screen: 2 } } } }, true],
  };
  const given = structuredClone(schema);
  const plain = { type: "string", maxLength: 9 };
  assert.deepEqual(plainSchema(schema), {
    type: "object",
    properties: { screen: plain, clean: { type: "boolean" }, tags: { type: "array", items: plain }, device: data },
    dependentRequired: { screen: ["clean"] },
    anyOf: [{ properties: { screen: { const: { screen: 2 } } } }, true],
  });
  assert.deepEqual(schema, given);
});
