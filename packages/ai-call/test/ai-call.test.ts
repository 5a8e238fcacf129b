import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, forEachHost } from "@aivillage/testing";

import { aiCall, type AiCallEnded, aiCallEnded } from "../src/index.ts";
import { serveCalls, post } from "./app.ts";
import { captures } from "./captures.ts";

forEachHost((host) => {
  for (const { name, dialect, request, type, body, usage } of captures) {
    test(`reports the tokens of ${name}`, async (t) => {
      const app = await serveCalls(t, host, { dialect }, (res) => {
        res.writeHead(200, { "Content-Type": type });
        res.end(body);
      });
      const response = await post(app.url, request);
      assert.equal(await response.text(), body);
      const call = await eventually(() => app.ended[0], "the call ended");
      assert.ok(call);
      for (const [member, expected] of Object.entries(usage)) assert.equal(call.usage[member as keyof typeof usage], expected, member);
      assert.equal(call.outcome, "completed");
    });
  }

  test("a body passes on byte by byte when nothing is imposed on it", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat", askUsage: false }, (res) => void res.end());
    const body = '{ "model" : "a/b", "stream":true,\n"messages":[{"content":"\\u00e9 12345678901234567890"}], "x": 1.0 }';
    await post(app.url, body);
    assert.deepEqual(app.bodies, [body]);
  });

  test("a handler that reads the request itself gets what a backend would", async () => {
    const body = { model: "a", stream: true, messages: [] };
    for (const [options, expected] of [
      [{}, { ...body, stream_options: { include_usage: true } }],
      [{ askUsage: false }, body],
      [{ watchResponse: false, keepBody: true, askUsage: false }, body],
    ] as const) {
      await using app = await host.serve([
        aiCall({ dialect: "openai-chat", ...options }),
        (req, res) => {
          const chunks: Buffer[] = [];
          req.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => res.end(Buffer.concat(chunks)));
        },
      ]);
      assert.deepEqual(await (await post(app.url, body)).json(), expected);
    }
  });

  test("without watchResponse the body is in req.body alone", async () => {
    await using app = await host.serve([
      aiCall({ dialect: "openai-chat", watchResponse: false }),
      (req, res) => void res.end(String(req.readableEnded)),
    ]);
    assert.equal(await (await post(app.url, { model: "a", messages: [] })).text(), "true");
  });

  test("a call that passes it twice is one call", async (t) => {
    const handler = aiCall({ dialect: "openai-chat" });
    const ended: AiCallEnded[] = [];
    t.after(aiCallEnded.subscribe((message) => void ended.push(message)));
    const usage = { prompt_tokens: 10, completion_tokens: 5 };
    await using app = await host.serve([
      handler,
      handler,
      (_req, res) => {
        res.setHeader("Content-Type", "application/json");
        res.end(JSON.stringify({ usage }));
      },
    ]);
    await (await post(app.url, { model: "twice", messages: [] })).text();
    const ours = () => ended.filter(({ call }) => call.model === "twice");
    await eventually(() => ours().length > 0, "it ended");
    assert.deepEqual(
      ours().map(({ usage: { input, output } }) => [input, output]),
      [[10, 5]],
    );
  });

  test("a model that is not on the list is refused, with a reason that SDKs can read", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat", models: ["gpt-*", "qwen3"] }, (res) => void res.end());
    const response = await post(app.url, { model: "other", messages: [] });
    const problem = (await response.json()) as { error: { code: string; message: string } };
    assert.equal(response.status, 403);
    assert.equal(problem.error.code, "model-not-allowed");
    for (const model of ["gpt-5", "qwen3"]) assert.equal((await post(app.url, { model })).status, 200, model);
    for (const model of ["xgpt-5", "qwen30", undefined, null]) assert.equal((await post(app.url, { model })).status, 403, String(model));
  });

  test("a model in the query, which some routers prefer to that of the body, is refused", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat", models: ["gpt-*"] }, (res) => void res.end());
    const ask = (query: string): Promise<Response> => post(app.url + query, { model: "gpt-5", messages: [] });
    for (const query of ["?model=o1-pro", "?api-version=1&model=gpt-5", "?%6dodel=o1-pro", "?Model=o1-pro", "?model", "?a?b=&model=c"]) {
      const refused = await ask(query);
      const { error } = (await refused.json()) as { error: { code: string; param: string } };
      assert.deepEqual([refused.status, error.code, error.param], [422, "unreadable-ai-call", "model"], query);
    }
    for (const query of ["", "?", "?beta=true", "?api-version=2026-10-21&x=model"]) assert.equal((await ask(query)).status, 200, query);
  });

  for (const dialect of ["openai-chat", "openai-responses", "openai-embeddings", "anthropic-messages"] as const) {
    test(`models that a router may take instead must be on the list too: ${dialect}`, async (t) => {
      const app = await serveCalls(t, host, { dialect, models: ["gpt-*"] }, (res) => void res.end());
      const ask = async (more: object | string) =>
        (await post(app.url, typeof more === "string" ? more : { model: "gpt-5", ...more })).status;
      for (const member of ["models", "fallbacks"]) {
        assert.equal(await ask({ [member]: ["gpt-5", "gpt-6"] }), 200);
        assert.equal(await ask({ [member]: [{ model: "gpt-6" }] }), 200);
        assert.equal(await ask({ [member]: null }), 200);
        assert.equal(await ask({ [member]: [] }), 200);
        const refused = await post(app.url, { model: "gpt-5", [member]: ["gpt-6", "o1-pro"] });
        const { error } = (await refused.json()) as { error: { code: string; param: string } };
        assert.deepEqual([refused.status, error.code, error.param], [403, "model-not-allowed", member]);
        assert.equal(await ask({ [member]: [{ model: "o1-pro" }] }), 403);
        assert.equal(await ask({ [member]: "gpt-6" }), 200);
        assert.equal(await ask({ [member]: "default" }), 403);
        const others = [{ "gpt-5": ["o1-pro"] }, [1], [["o1-pro"]], [{ model: "gpt-6", max_tokens: 9 }], Array(33).fill("gpt-5")];
        for (const other of others) assert.equal(await ask({ [member]: other }), 422, JSON.stringify(other));
        assert.equal(await ask(`{"model":"gpt-5","${member}":[{"model":"o1-pro","model":"gpt-5"}]}`), 422);
        assert.equal(await ask(`{"model":"gpt-5","${member.toUpperCase()}":["o1-pro"]}`), 422);
      }
      assert.equal(app.bodies.length, 10);
    });
  }
});
