import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { getInput, sanitizeInput } from "../src/index.ts";
import { anything, asJson, attach, postTo } from "./problem-app.ts";

/** Reads the request itself, as hosts do that know nothing of `getInput()`. */
const readItself: Handler = (req, res, next) => {
  text(req).then((read) => res.end(JSON.stringify({ text: read, body: getInput(req)?.body })), next);
};

const body = { type: "object", properties: { a: { type: "string", clean: { trim: true } } } } as const;

forEachHost((host) => {
  test("a later handler reads from the request what the client sent", async () => {
    await using app = await host.serve([sanitizeInput({ body: anything }), readItself], asJson);
    assert.deepEqual((await postTo(app, '{ "a": 1e2 }')).json, { text: '{ "a": 1e2 }', body: { a: 100 } });
  });

  test("a later handler reads what was checked where the schema has cleaned something", async () => {
    await using app = await host.serve([sanitizeInput({ body }), readItself], asJson);
    assert.deepEqual((await postTo(app, '{ "a": " x " }')).json, { text: '{"a":"x"}', body: { a: "x" } });
  });

  test("two checks of one body see it both, and what follows too", async () => {
    const checks = [sanitizeInput({ body }), sanitizeInput({ body: anything })];
    await using app = await host.serve([...checks, readItself], asJson);
    assert.deepEqual((await postTo(app, '{"a":" x"}')).json, { text: '{"a":"x"}', body: { a: "x" } });
  });

  test("a refused body is not kept, and the connection can be used again", async () => {
    await using app = await host.serve([sanitizeInput({ body }), readItself], asJson);
    assert.equal((await postTo(app, "[]")).status, 422);
    assert.equal((await postTo(app, "{}")).status, 200);
  });

  test("a body that a parser has left in req.body stays there", async () => {
    const respond: Handler = (req: IncomingMessage & { body?: unknown }, res) => res.end(JSON.stringify({ body: req.body }));
    await using app = await host.serve([attach({ body: { a: "b" } }), sanitizeInput({ body }), respond], asJson);
    assert.deepEqual((await postTo(app, '{"a":"sent"}')).json, { body: { a: "b" } });
  });
});
