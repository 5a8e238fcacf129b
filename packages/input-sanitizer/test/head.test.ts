import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";

import { getInput, sanitizeInput } from "../src/index.ts";
import { asJson, assertProblem, attach, echoInput, send } from "./problem-app.ts";

const query = {
  type: "object",
  additionalProperties: false,
  properties: {
    limit: { type: "integer", maximum: 100 },
    ratio: { type: "number" },
    exact: { type: "boolean" },
    tag: { type: "array", items: { type: "string" }, maxItems: 3 },
    page: { type: "array", items: { type: "integer" } },
    q: { type: "string", screen: "prose" },
  },
} as const;

forEachHost((host) => {
  test("query parameters become what their schema says", async () => {
    const response = await send(host, { query }, "/?limit=10&ratio=-0.5&exact=true&tag=a&page=1&page=2&q=caf%C3%A9+au%20lait&");
    assert.deepEqual(response.json.query, { limit: 10, ratio: -0.5, exact: true, tag: ["a"], page: [1, 2], q: "café au lait" });
  });

  test("what does not read as its type is named by its parameter", async () => {
    for (const value of ["0x10", "1e1", "", "%201", "ten", "99999999999999999999"]) {
      const response = await send(host, { query }, `/?limit=${value}`);
      assertProblem(response, 422, "invalid-input");
      assert.deepEqual(response.json.errors, [{ detail: "must be integer", parameter: "limit" }]);
    }
    const unknown = await send(host, { query }, "/?colour=red");
    assert.deepEqual(unknown.json.errors, [{ detail: 'unknown property "colour"', parameter: "colour" }]);
  });

  test("a parameter is repeated only where its schema is an array, or without a schema", async () => {
    const response = await send(host, { query }, "/?limit=1&limit=2");
    assertProblem(response, 422, "invalid-input");
    assert.deepEqual(response.json.errors, [{ detail: "must not be repeated", parameter: "limit" }]);
    assert.deepEqual((await send(host, {}, "/?a=1&a=2&b&=x")).json.query, { a: ["1", "2"], b: "", "": "x" });
  });

  test("a malformed percent encoding is refused", async () => {
    for (const bad of ["a=%", "a=%zz", "%=1", "a=%ff", "a=%c3"]) assertProblem(await send(host, {}, `/?${bad}`), 400, "malformed-query");
    assertProblem(await send(host, {}, "/?a=%00"), 400, "malformed-input");
  });

  test("keys that reach for prototypes or operators are refused, other brackets are plain names", async () => {
    for (const key of [
      "__proto__",
      "__proto__[x]",
      "a[__proto__][x]",
      "a.__proto__.x",
      "constructor[prototype][x]",
      "a[$ne]",
      "$where",
      "a.$gt",
    ]) {
      const response = await send(host, { query: { type: "object" } }, `/?${encodeURIComponent(key)}=polluted`);
      assertProblem(response, 400, "forbidden-key");
      assert.equal(response.json.errors?.[0]?.["parameter"], key);
    }
    assert.deepEqual((await send(host, {}, "/?a[b]=1&constructor=ferrari&US$=2")).json.query, {
      "a[b]": "1",
      constructor: "ferrari",
      US$: "2",
    });
    assert.equal(Reflect.get({}, "x"), undefined);
  });

  test("the query is an object without prototype and has its own limit", async () => {
    await using app = await host.serve([sanitizeInput(), (req, res) => void res.end(String(Object.getPrototypeOf(getInput(req)?.query)))]);
    assert.equal(await (await fetch(`${app.url}/?toString=1`)).text(), "null");
    const many = Array.from({ length: 101 }, (_, index) => `p${index}=1`).join("&");
    assertProblem(await send(host, {}, `/?${many}`), 422, "input-too-complex", /100 query parameters/);
    assert.equal((await send(host, { limits: { queryParameters: 101 } }, `/?${many}`)).status, 200);
  });

  test("query values are screened, strictly without a schema", async () => {
    const response = await send(host, {}, "/?file=..%2f..%2f..%2fetc%2fpasswd");
    assertProblem(response, 422, "input-refused");
    const problem = response.json.errors?.find(({ rule }) => rule === "traversal/step-up");
    assert.deepEqual(problem, { detail: "looks like path traversal", rule: "traversal/step-up", parameter: "file", offset: 0, length: 8 });
    assert.equal((await send(host, { query }, "/?q=how+do+I+drop+a+table+in+SQL%3F")).status, 200);
  });

  test("only the headers that the schema names are looked at", async () => {
    const headers = {
      type: "object",
      required: ["x-tenant"],
      properties: { "x-tenant": { type: "string", pattern: "^[a-z]+$" }, "x-n": { type: "integer" } },
    };
    const bad = await send(host, { headers }, "/", { headers: { "X-Tenant": "ACME'--" } });
    assertProblem(bad, 422, "invalid-input");
    assert.equal(bad.json.errors?.[0]?.["header"], "x-tenant");
    const good = await send(host, { headers }, "/", { headers: { "X-Tenant": "acme", "X-N": "7", "X-Other": "' or 1=1 --" } });
    assert.partialDeepStrictEqual(good.json, { headers: { "x-tenant": "acme", "x-n": 7 } });
  });

  test("path parameters come from the router or from where paramsOf says", async () => {
    const params = { type: "object", required: ["id"], properties: { id: { type: "integer" } } };
    const router = attach({ routed: { id: "42" } });
    const paramsOf = (req: object) => ("routed" in req ? (req.routed as Record<string, unknown>) : undefined);
    await using app = await host.serve([router, sanitizeInput({ params, paramsOf }), echoInput], asJson);
    assert.partialDeepStrictEqual(await (await fetch(app.url)).json(), { params: { id: 42 } });
    assertProblem(await send(host, { params }, "/"), 422, "invalid-input");
  });
});
