import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, forEachHost } from "@aivillage/testing";

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

  test("a model that is not on the list is refused, with a reason that SDKs can read", async (t) => {
    const app = await serveCalls(t, host, { dialect: "openai-chat", models: ["gpt-*", "qwen3"] }, (res) => void res.end());
    const response = await post(app.url, { model: "other", messages: [] });
    const problem = (await response.json()) as { error: { code: string; message: string } };
    assert.equal(response.status, 403);
    assert.equal(problem.error.code, "model-not-allowed");
    for (const model of ["gpt-5", "qwen3"]) assert.equal((await post(app.url, { model })).status, 200, model);
    for (const model of ["xgpt-5", "qwen30", undefined, null]) assert.equal((await post(app.url, { model })).status, 403, String(model));
  });
});
