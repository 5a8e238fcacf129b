import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eventually } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const messages = [{ role: "user" as const, content: "Good day, über-model" }];
const modelsOf = (calls: readonly { readonly body: Readonly<Record<string, unknown>> }[]): unknown[] =>
  calls.map(({ body }) => body["model"]);

/** A gateway with a route to two providers, of which the first has no room for one model. */
async function start(full: string, route: object, ofFallback: object) {
  const stack = new AsyncDisposableStack();
  const busy = { name: full, dialect: "openai-chat" as const, request: {}, status: 529, steps: () => ["{}"] };
  const first = stack.use(await startFakeProvider({ captures: [busy] }));
  const second = stack.use(await startFakeProvider());
  const routes = [{ upstream: [first.url], fallback: [{ upstream: [second.url], ...ofFallback }], ...route }];
  const env = { CONFIG_FILE: configFile({ routes }), API_KEY_CARRIERS: "authorization,x-api-key" };
  const gateway = stack.use(await startTestGateway(env));
  const apiKey = gateway.authorization.authorization.slice("Bearer ".length);
  return { first, second, gateway, apiKey, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test("a fallback gets its own name for a model, and the OpenAI SDK its stream", async () => {
  const route = { path: "/v1/chat/completions", ai: { dialect: "openai-chat", models: ["gpt-*"] }, body: "openai-chat" };
  await using served = await start("gpt-5", route, { modelNames: { "gpt-5": "azure-gpt-5" } });
  const openai = new OpenAI({ baseURL: `${served.gateway.url}/v1`, apiKey: served.apiKey, maxRetries: 0 });
  const ask = async (model: string): Promise<string> => {
    let text = "";
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    return text;
  };
  assert.equal(await ask("gpt-5"), messages[0]?.content);
  assert.equal(await ask("gpt-5-mini"), messages[0]?.content);
  await assert.rejects(ask("azure-gpt-5"), /does not allow the requested model/, "clients use their own names");
  assert.deepEqual([modelsOf(served.first.calls), modelsOf(served.second.calls)], [["gpt-5", "gpt-5-mini"], ["azure-gpt-5"]]);
  const { log } = served.gateway;
  await eventually(() => log.some(({ model }) => model === "gpt-5"), "the log has the name that the client used");
});

test("the service of a route may have other names too, and the Anthropic SDK asks by its own", async () => {
  const ai = { dialect: "anthropic-messages", modelNames: { fast: "claude-haiku-4-5", "claude-*": "anthropic/claude-*" } };
  await using served = await start(
    "anthropic/claude-opus",
    { path: "/v1/messages", ai },
    { modelNames: { "claude-*": "bedrock.claude-*" } },
  );
  const anthropic = new Anthropic({ baseURL: served.gateway.url, apiKey: served.apiKey, maxRetries: 0 });
  for (const model of ["fast", "claude-opus"]) {
    const { content } = await anthropic.messages.create({ model, max_tokens: 20, messages });
    assert.deepEqual(content, [{ type: "text", text: messages[0]?.content }]);
  }
  assert.deepEqual(modelsOf(served.first.calls), ["claude-haiku-4-5", "anthropic/claude-opus"]);
  assert.deepEqual(modelsOf(served.second.calls), ["bedrock.claude-opus"]);
});

describe("model names that make no sense are an error of the configuration", () => {
  const upstream = ["http://b:1"];
  for (const [what, route, expected] of [
    ["without `ai`", { fallback: [{ upstream, modelNames: { a: "b" } }] }, /`fallback\[0\]\.modelNames` without `ai`/],
    ["with a `*` for nothing", { ai: { dialect: "openai-chat", modelNames: { a: "b-*" } } }, /`ai\.modelNames`.*one `\*` at most/],
    ["empty", { ai: "openai-chat", fallback: [{ upstream, modelNames: {} }] }, /modelNames` must be an object of 1 to 1000 names/],
    ["a number", { ai: { dialect: "openai-chat", modelNames: { a: 1 } } }, /modelNames.*must be the name of a model/],
  ] as const) {
    test(what, () => {
      const routes = [{ path: "/v1/chat/completions", upstream: ["http://a:1"], ...route }];
      assert.match(problemsOf({ env: { CONFIG_FILE: configFile({ routes }) } }).join("\n"), expected);
    });
  }
});
