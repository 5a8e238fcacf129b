import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { downstreamProxy, type TargetOptions } from "@aivillage/downstream-proxy";
import { compose, OptionError, toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { listen } from "@aivillage/testing";
import { type FakeProvider, startFakeProvider } from "@aivillage/testing/fake-provider";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

import { aiCall, type AiCallOptions, aiResponseFilter, renameModels } from "../src/index.ts";
import { post } from "./app.ts";

type Body = TargetOptions["body"];

/** A route to two providers, of which the first has no room for models with these names. */
async function serve(t: TestContext, options: AiCallOptions, full: readonly string[], [first, second]: readonly [Body?, Body?]) {
  const captures = full.map((name) => ({ name, dialect: "openai-chat" as const, request: {}, status: 529, steps: () => ["{}"] }));
  const providers: [FakeProvider, FakeProvider] = [await startFakeProvider({ captures }), await startFakeProvider()];
  const targets = [
    { name: "first", url: providers[0].url, ...(first && { body: first }) },
    { name: "second", url: providers[1].url, ...(second && { body: second }) },
  ];
  const proxy = downstreamProxy({ targets, filter: aiResponseFilter, failOverStatuses: [529], retries: false });
  const app = await listen(toListener(compose(aiCall(options), proxy), problemDetails()));
  t.after(async () => {
    await app[Symbol.asyncDispose]();
    await proxy.close({ deadlineMs: 0 });
    for (const provider of providers) await provider[Symbol.asyncDispose]();
  });
  const models = () => providers.map(({ calls }) => calls.map(({ body }) => body["model"]));
  return { url: app.url, providers, models };
}

const messages = [{ role: "user" as const, content: "What holds the bridge? Über-oak." }];

test("a fallback gets the name that it has for the model, and the OpenAI SDK its response", async (t) => {
  const names = renameModels({ "gpt-5": "azure-gpt-5", "gpt-*": "openai/gpt-*" });
  const served = await serve(t, { dialect: "openai-chat", models: ["gpt-*"] }, ["gpt-5", "gpt-5-mini"], [undefined, names]);
  const openai = new OpenAI({ baseURL: served.url, apiKey: "made-up", maxRetries: 0 });
  const whole = await openai.chat.completions.create({ model: "gpt-5", messages, temperature: 0.5 });
  assert.equal(whole.choices[0]?.message.content, messages[0]?.content);
  let streamed = "";
  const stream = await openai.chat.completions.create({ model: "gpt-5-mini", messages, stream: true });
  for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? "";
  assert.equal(streamed, messages[0]?.content);
  assert.deepEqual(served.models(), [
    ["gpt-5", "gpt-5-mini"],
    ["azure-gpt-5", "openai/gpt-5-mini"],
  ]);
  const [atFirst, atSecond] = served.providers.map(({ calls }) => calls[1]);
  assert.deepEqual({ ...atSecond?.body, model: "gpt-5-mini" }, atFirst?.body, "nothing else differs");
  assert.equal(atSecond?.headers["content-type"], atFirst?.headers["content-type"]);
  assert.equal(atSecond?.headers["content-length"], String(Number(atFirst?.headers["content-length"]) + "openai/".length));
});

test("the first target may have other names too, and the Anthropic SDK asks by its own", async (t) => {
  const body = renameModels({ "claude-*": "anthropic/claude-*", fast: "claude-haiku-4-5" });
  const served = await serve(t, { dialect: "anthropic-messages" }, [], [body]);
  const anthropic = new Anthropic({ baseURL: served.url, apiKey: "made-up", maxRetries: 0 });
  for (const model of ["claude-sonnet-4-5", "fast", "other"]) {
    const message = await anthropic.messages.create({ model, max_tokens: 20, messages });
    assert.deepEqual(message.content, [{ type: "text", text: messages[0]?.content }]);
  }
  assert.deepEqual(served.models(), [["anthropic/claude-sonnet-4-5", "claude-haiku-4-5", "other"], []]);
});

test("only the value of the member at the top level is replaced, byte by byte", async (t) => {
  const served = await serve(t, { dialect: "openai-chat", askUsage: false }, [], [renameModels({ a: 'the "b"', "x$&": "$&" })]);
  const text = '{ "messages" : [{"model":"a","content":"\\u00e9 12345678901234567890"}],\n "model" :"a" , "x": 1.0 }';
  let received = "";
  await using echo = await listen(
    (req, res) => void req.on("data", (chunk: Buffer) => (received += String(chunk))).on("end", () => res.end()),
  );
  const proxy = downstreamProxy({ targets: [{ name: "echo", url: echo.url, body: renameModels({ a: 'the "b"' }) }] });
  await using app = await listen(toListener(compose(aiCall({ dialect: "openai-chat", askUsage: false }), proxy), problemDetails()));
  await post(app.url, text);
  assert.equal(received, text.replace('"model" :"a"', '"model" :"the \\"b\\""'));
  await post(served.url, { model: "x$&", messages });
  await post(served.url, { messages });
  assert.deepEqual(served.models(), [["$&", undefined], []]);
  await proxy.close({ deadlineMs: 0 });
});

test("a bad map of names is an error when the app starts", () => {
  const cases: readonly (readonly [names: unknown, reason: RegExp])[] = [
    [{}, /at least one/],
    [undefined, /at least one/],
    [{ a: "" }, /names\["a"\]` must be the name of a model/],
    [{ a: 1 }, /names\["a"\]/],
    [{ a: "b*" }, /one `\*`/],
    [{ "a*c*": "b*" }, /one `\*`/],
    [{ "a*": "b*c*" }, /one `\*`/],
  ];
  for (const [names, reason] of cases) {
    assert.throws(
      () => renameModels(names as never),
      (error) => error instanceof OptionError && reason.test(error.message),
      JSON.stringify(names),
    );
  }
});

test("models that a router may take instead are renamed too, and everything else in their lists stays", async (t) => {
  const names = renameModels({ "gpt-*": "openai/gpt-*" });
  const served = await serve(t, { dialect: "openai-chat" }, [], [names]);
  const lists = [
    [
      ["gpt-6", "qwen3"],
      ["openai/gpt-6", "qwen3"],
    ],
    [
      [{ model: "gpt-6" }, { model: "qwen3" }],
      [{ model: "openai/gpt-6" }, { model: "qwen3" }],
    ],
    [["qwen3"], ["qwen3"]],
    ["gpt-6", "openai/gpt-6"],
    ["default", "default"],
  ];
  for (const [fallbacks] of lists)
    assert.equal((await post(served.url, { model: "gpt-5", models: null, fallbacks, messages })).status, 200);
  const sent = served.providers[0].calls.map(({ body }) => body);
  assert.deepEqual(
    sent.map(({ model, models, fallbacks }) => [model, models, fallbacks]),
    lists.map(([, renamed]) => ["openai/gpt-5", null, renamed]),
  );
});
