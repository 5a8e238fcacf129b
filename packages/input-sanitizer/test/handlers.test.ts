import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { getInput, sanitizeInput } from "../src/index.ts";
import { anything, asJson, attach, postTo, querySchema } from "./problem-app.ts";

const json = { "Content-Type": "application/json" };

forEachHost((host) => {
  test("getInput(req, handler) is what this handler let pass, where several are mounted", async () => {
    const first = sanitizeInput({ query: { type: "object", properties: { n: { type: "integer" } } } });
    const second = sanitizeInput({ body: querySchema });
    const never = sanitizeInput({ body: anything });
    const respond: Handler = (req, res) => {
      const numbers = getInput(req, first)?.query;
      const text = getInput(req, second)?.body?.query;
      res.end(JSON.stringify([numbers, text, getInput(req, never) === undefined, getInput(req) === getInput(req, second)]));
    };
    await using app = await host.serve([first, second, respond], asJson);
    const response = await fetch(`${app.url}/?n=7`, { method: "POST", body: '{"query":"hello"}', headers: json });
    assert.deepEqual(await response.json(), [{ n: 7 }, "hello", true, true]);
  });

  test("a handler that refuses leaves what an earlier one let pass", async () => {
    const first = sanitizeInput({ query: { type: "object" } });
    const second = sanitizeInput({ body: querySchema });
    let left: unknown[] = [];
    await using app = await host.serve([first, second], (error, req, res, next) => {
      left = [getInput(req, first)?.query["a"], getInput(req, second)];
      asJson(error, req, res, next);
    });
    assert.equal((await fetch(`${app.url}/?a=1`, { method: "POST", body: "{}", headers: json })).status, 422);
    assert.deepEqual(left, ["1", undefined]);
  });

  test("an empty object that a body parser left without reading does not stand for the body", async () => {
    for (const left of [{}, null]) {
      await using app = await host.serve([attach({ body: left }), sanitizeInput({ body: querySchema }), echoQuery], asJson);
      assert.equal((await postTo(app, { query: "hello" })).text, '"hello"');
      assert.equal((await postTo(app, { query: "" })).status, 422);
    }
  });

  test("an empty object that a body parser has read is the body", async () => {
    const parser: Handler = (req, _res, next) => {
      req.resume().once("end", () => next(void Object.assign(req, { body: {} })));
    };
    await using app = await host.serve([parser, sanitizeInput({ body: querySchema }), echoQuery], asJson);
    const response = await postTo(app, "{}");
    assert.deepEqual(response.json.errors, [{ detail: "is required", pointer: "#/query" }]);
  });

  test("a body that differs from the one in the stream is the one that handlers see in req.body", async () => {
    await using app = await host.serve([attach({ body: { query: "parsed" } }), sanitizeInput({ body: querySchema }), echoQuery], asJson);
    assert.equal((await postTo(app, { query: "streamed" })).text, '"parsed"');
  });

  test("a request without a body on a method that brings one is refused, also with a parser's empty object", async () => {
    await using app = await host.serve([attach({ body: {} }), sanitizeInput({ body: querySchema }), echoQuery], asJson);
    assert.equal((await fetch(app.url, { method: "POST" })).status, 422);
    assert.equal((await fetch(app.url)).status, 200);
  });
});

const echoQuery: Handler = (req, res) => {
  res.end(JSON.stringify(getInput<{ body: { query: string } | undefined }>(req)?.body?.query ?? null));
};
