import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";

import { getInput, inputFlagged, type InputRefused, inputRefused, sanitizeInput } from "../src/index.ts";
import { anything, asJson, assertProblem, attach, echoInput, post, querySchema, send } from "./problem-app.ts";

forEachHost((host) => {
  test("a valid body is at getInput() and the query string beside it", async () => {
    await using app = await host.serve([sanitizeInput({ body: querySchema }), echoInput], asJson);
    const body = { query: "What is the capital of France?", session_id: "s-1", options: { max_tokens: 1000, temperature: 0.7 } };
    const text = JSON.stringify(body);
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${app.url}/?debug=yes`, { method: "POST", body: text, headers });
    assert.deepEqual(await response.json(), { body, text, bytes: Buffer.from(text).toJSON(), query: { debug: "yes" }, findings: [] });
  });

  test("req.query, req.body and req.url are what they would be without it", async () => {
    const seen: unknown[] = [];
    const look = (req: object) => seen.push({ ...("query" in req && { query: req.query }), ...("body" in req && { body: req.body }) });
    await using app = await host.serve(
      [
        (req, _res, next) => next(void look(req)),
        sanitizeInput({ body: querySchema, query: { type: "object", properties: { n: { type: "integer" } } } }),
        (req, res) => {
          look(req);
          res.end(req.url);
        },
      ],
      asJson,
    );
    const response = await fetch(`${app.url}/?n=1`, {
      method: "POST",
      body: '{"query":"hello"}',
      headers: { "Content-Type": "application/json" },
    });
    assert.equal(await response.text(), "/?n=1");
    assert.deepEqual(seen[0], seen[1]);
  });

  test("a body that another parser has read is used and not changed", async () => {
    const parsed = { query: "hello" };
    const parser = attach({ body: parsed });
    await using app = await host.serve([parser, sanitizeInput({ body: querySchema }), echoInput], asJson);
    const init = { method: "POST", body: '{"query":"hello"}', headers: { "Content-Type": "application/json" } };
    const response = (await (await fetch(app.url, init)).json()) as { body: unknown };
    assert.deepEqual(response.body, parsed);
    assert.deepEqual(parsed, { query: "hello" });
  });

  test("a raw buffer that another parser has left is parsed", async () => {
    const parser = attach({ body: Buffer.from('{"query":""}') });
    await using app = await host.serve([parser, sanitizeInput({ body: querySchema }), echoInput], asJson);
    const init = { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } };
    const response = await fetch(app.url, init);
    assert.equal(response.status, 422);
    assert.match(await response.text(), /#\/query/);
  });

  test("a GET without a body passes a route with a body schema, and no body schema means no reading", async () => {
    const response = await send(host, { body: querySchema }, "/");
    assert.deepEqual(response.json, { query: {}, findings: [] });
    await using app = await host.serve([sanitizeInput(), (req, res) => void req.pipe(res)], asJson);
    assert.equal(await (await fetch(app.url, { method: "POST", body: "not json" })).text(), "not json");
  });

  test("errors of the schema are listed with pointers and never with values", async () => {
    const response = await post(
      host,
      { body: querySchema },
      { options: { max_tokens: "secret-4711", temperature: 0.3, "to/p k": 1 }, x: 1 },
    );
    assertProblem(response, 422, "invalid-input");
    const errors = response.json.errors ?? [];
    assert.deepEqual(
      new Map(errors.map(({ pointer, detail }) => [pointer, detail])),
      new Map([
        ["#/query", "is required"],
        ["#/x", 'unknown property "x"'],
        ["#/options/to~1p%20k", 'unknown property "to/p k"'],
        ["#/options/max_tokens", "must be integer"],
        ["#/options/temperature", "must be one of 0, 0.7, 1"],
      ]),
    );
    assert.ok(!response.text.includes("secret-4711"));
  });

  test("at most 20 errors are listed and long names are cut", async () => {
    const body = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}${"k".repeat(500)}`, 1]));
    const response = await post(host, { body: querySchema }, { query: "q", ...body });
    assertProblem(response, 422, "invalid-input");
    assert.equal(response.json.errors?.length, 20);
    assert.ok(response.text.length < 6_000, String(response.text.length));
  });

  test("names that Object.prototype has are unknown properties like others", async () => {
    const response = await post(
      host,
      { body: { type: "object", required: ["toString"], properties: { toString: { type: "string" } } } },
      {},
    );
    assert.deepEqual(response.json.errors, [{ detail: "is required", pointer: "#/toString" }]);
  });

  test("each string is screened by the keyword of its schema, strictly without one", async () => {
    const about = "How do I use `SELECT * FROM users WHERE id = 1` and DROP TABLE in SQL?";
    assert.equal((await post(host, { body: querySchema }, { query: about })).status, 200);
    assert.equal((await post(host, { body: querySchema }, { query: "q", note: "' or 1=1 --" })).status, 200);
    assertProblem(await post(host, { body: querySchema }, { query: "q", session_id: "x' or 1=1 --" }), 422, "input-refused");
    const response = await post(host, { body: querySchema }, { query: "x' or 1=1 --" });
    assertProblem(response, 422, "input-refused");
    assert.deepEqual(response.json.errors?.[0], {
      detail: "looks like SQL injection",
      rule: "sqli/continued-expression",
      pointer: "#/query",
      offset: 1,
      length: 8,
    });
    assert.ok(!response.text.includes("1=1"));
  });

  test("strings that no schema knows are screened too, deep inside and as keys", async () => {
    const body = { type: "object" };
    const deep = await post(host, { body }, { a: [{ b: ["fine", "../../../etc/passwd"] }] });
    assertProblem(deep, 422, "input-refused");
    assert.equal(deep.json.errors?.[0]?.["pointer"], "#/a/0/b/1");
    const key = await post(host, { body }, { "<img src=x onerror=steal(document.cookie)>": 1 });
    assertProblem(key, 422, "input-refused");
    assert.equal((await post(host, { body: anything }, '"\'; drop table users; --"')).status, 422);
  });

  test("the keyword works through references, items and alternatives, and the strictest mark wins", async () => {
    const prose = { type: "string", screen: "prose" };
    const body = {
      type: "object",
      definitions: { prose },
      properties: {
        referred: { $ref: "#/definitions/prose" },
        list: { type: "array", items: { type: "object", properties: { text: prose } } },
        both: { type: "string", allOf: [prose, { type: "string", screen: "strict" }] },
      },
    };
    const text = "../../config.json";
    assert.equal((await post(host, { body }, { referred: text, list: [{ text }, { text }] })).status, 200);
    assertProblem(await post(host, { body }, { both: text }), 422, "input-refused");
    assertProblem(await post(host, { body }, { list: [{ other: text }] }), 422, "input-refused");
  });

  test("screening can be switched off, tried dry, and limited to classes", async () => {
    const attack = { query: "1' union select password from users --" };
    assert.equal((await post(host, { body: querySchema, screening: false }, attack)).status, 200);
    const off = { sqli: "off", syntax: "off" } as const;
    assert.equal((await post(host, { body: querySchema, screening: { outcomes: off } }, attack)).status, 200);
    const dry = await post(host, { body: querySchema, screening: { mode: "flag" } }, attack);
    assert.equal(dry.status, 200);
    assert.deepEqual(dry.json.body, attack);
    assert.partialDeepStrictEqual(dry.json.findings, [{ class: "sqli", location: "body", pointer: "#/query" }]);
  });

  test("events report what was refused and flagged, without the text", async () => {
    const told: (Omit<InputRefused, "req"> & { event: string; url: string | undefined })[] = [];
    const stops = [
      inputRefused.subscribe(({ req, ...rest }) => told.push({ event: "refused", url: req.url, ...rest })),
      inputFlagged.subscribe(({ req, ...rest }) => told.push({ event: "flagged", url: req.url, ...rest })),
    ];
    try {
      const attack = { query: "x' or 1=1 --" };
      await post(host, { body: querySchema }, attack);
      await post(host, { body: querySchema, screening: { mode: "flag" } }, attack);
      await post(host, { body: { type: "object" } }, '{"a":{"__proto__":1}}');
      await post(host, { body: querySchema }, { query: "" });
    } finally {
      for (const stop of stops) stop();
    }
    assert.deepEqual(
      told.map(({ event, location, url }) => [event, location, url]),
      [
        ["refused", "body", "/"],
        ["flagged", "body", "/"],
        ["refused", "body", "/"],
      ],
    );
    assert.deepEqual(told[2]?.findings, [
      {
        class: "pollution",
        rule: "forbidden-key",
        score: 10,
        span: [0, 0],
        confidence: 1,
        basis: "evidence",
        outcome: "block",
        location: "body",
        pointer: "#/a/__proto__",
      },
    ]);
    assert.deepEqual(
      told.map(({ isCertain }) => isCertain),
      [true, true, true],
    );
    assert.ok(!JSON.stringify(told).includes("1=1"));
  });

  test("without sanitizeInput() and after a refusal there is no input", async () => {
    await using app = await host.serve([(req, res) => void res.end(typeof getInput(req))]);
    assert.equal(await (await fetch(app.url)).text(), "undefined");
    let left: unknown = "not called";
    await using refusing = await host.serve([sanitizeInput()], (error, req, res, next) => {
      left = getInput(req);
      asJson(error, req, res, next);
    });
    assert.equal((await fetch(`${refusing.url}/?a=%`)).status, 400);
    assert.equal(left, undefined);
  });
});
