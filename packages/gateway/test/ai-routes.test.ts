import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";

import { eventually, listen, temporaryFile } from "@aivillage/testing";
import { type FakeProvider, startFakeProvider } from "@aivillage/testing/fake-provider";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI, { APIError, AzureOpenAI } from "openai";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const providerKey = "sk-provider-0123456789";
const carriers = { API_KEY_CARRIERS: "authorization,x-api-key,api-key" };
const keyOf = ({ authorization }: TestGateway): string => authorization.authorization.slice("Bearer ".length);

/** A gateway with routes to a provider that demands its own key, from a file that a test may rewrite. */
async function start(routes: (url: string, keyFile: string) => object[], env: Record<string, string> = {}) {
  const stack = new AsyncDisposableStack();
  const file = stack.use(temporaryFile("key"));
  writeFileSync(file.path, `${providerKey}\n`, { mode: 0o600 });
  const provider = stack.use(await startFakeProvider({ key: providerKey }));
  const gateway = stack.use(await startTestGateway({ CONFIG_FILE: configFile({ routes: routes(provider.url, file.path) }), ...env }));
  return { provider, gateway, keyFile: file.path, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const chatRoute = (url: string, upstreamKeyFile: string, more: object = {}) => ({
  path: "/v1/chat/completions",
  upstream: [url],
  ai: "openai-chat",
  upstreamKeyFile,
  ...more,
});
const hello = { model: "made-up", messages: [{ role: "user", content: "Hello there" }] } as const;
const chatWith = async (url: string, headers: Record<string, string>, body: object = hello, query = ""): Promise<Response> =>
  fetch(`${url}/v1/chat/completions${query}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** Everything that the provider got, as text. */
const received = ({ calls }: FakeProvider): string => JSON.stringify(calls);

describe("the key of a client", () => {
  test("never reaches the service, whatever carries it, and the service gets its own from the file", async () => {
    await using served = await start((url, file) => [chatRoute(url, file)], carriers);
    const { gateway, provider } = served;
    const key = keyOf(gateway);
    const carried: Record<string, string>[] = [
      { authorization: `Bearer ${key}` },
      { "x-api-key": key },
      { "api-key": key },
      { authorization: `Bearer ${key}`, "x-api-key": key, "api-key": key },
      { authorization: `Bearer ${key}`, "x-goog-api-key": key, "ocp-apim-subscription-key": key, cookie: `key=${key}` },
    ];
    for (const headers of carried) assert.equal((await chatWith(gateway.url, headers)).status, 200, JSON.stringify(headers));
    assert.equal(provider.calls.length, carried.length);
    assert.ok(!received(provider).includes(key));
    for (const { headers } of provider.calls) {
      assert.deepEqual([headers.authorization, headers["x-api-key"], headers["api-key"]], [`Bearer ${providerKey}`, undefined, undefined]);
    }
  });

  test("is replaced in the header that the dialect or the route names", async () => {
    const messages = { path: "/v1/messages", ai: "anthropic-messages" };
    const azure = { path: "/openai/*", methods: ["POST"], ai: "openai-chat", upstreamKeyHeader: "api-key" };
    await using served = await start(
      (url, upstreamKeyFile) => [
        { ...messages, upstream: [url], upstreamKeyFile },
        { ...azure, upstream: [url], upstreamKeyFile },
      ],
      carriers,
    );
    const { gateway, provider } = served;
    const apiKey = keyOf(gateway);
    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey, maxRetries: 0 });
    const said = await anthropic.messages.create({ model: "made-up", max_tokens: 20, messages: [{ role: "user", content: "Good day" }] });
    assert.deepEqual(said.content[0], { type: "text", text: "Good day" });
    const client = new AzureOpenAI({ endpoint: gateway.url, apiKey, apiVersion: "2024-10-21", maxRetries: 0 });
    assert.equal(
      (await client.chat.completions.create({ ...hello, messages: [...hello.messages] })).choices[0]?.message.content,
      "Hello there",
    );
    assert.deepEqual(
      provider.calls.map(({ headers }) => [headers.authorization, headers["x-api-key"], headers["api-key"]]),
      [
        [undefined, providerKey, undefined],
        [undefined, undefined, providerKey],
      ],
    );
    assert.match(provider.calls[1]?.url ?? "", /\?api-version=2024-10-21$/);
  });

  test("of the service can change while the gateway runs", async () => {
    await using served = await start((url, file) => [chatRoute(url, file)]);
    writeFileSync(served.keyFile, "sk-another");
    await eventually(async () => (await chatWith(served.gateway.url, served.gateway.authorization)).status === 502, "the new key is sent");
    assert.equal(served.provider.calls.at(-1)?.headers.authorization, "Bearer sk-another");
  });
});

describe("an AI route", () => {
  test("refuses models and limits that it does not allow, with errors that the official client shows", async () => {
    const ai = { dialect: "openai-chat", models: ["made-*"], maxOutputTokens: 100 };
    await using served = await start((url, file) => [chatRoute(url, file, { ai })]);
    const { gateway, provider } = served;
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: keyOf(gateway), maxRetries: 0 });
    const refusal = async (body: object): Promise<unknown[]> => {
      const error: unknown = await client.chat.completions
        .create({ ...hello, ...body, messages: [...hello.messages] })
        .catch((each: unknown) => each);
      assert.ok(error instanceof APIError);
      return [error.status, error.code, error.param];
    };
    assert.deepEqual(await refusal({ model: "gpt-5" }), [403, "model-not-allowed", "model"]);
    assert.deepEqual(await refusal({ max_tokens: 101 }), [422, "output-limit-too-large", "max_tokens"]);
    assert.equal(provider.calls.length, 0);
    await client.chat.completions.create({ ...hello, messages: [...hello.messages] });
    assert.equal(provider.calls[0]?.body["max_completion_tokens"], 100);
  });

  test("gives its errors the form of its dialect, and others that of all", async () => {
    await using served = await start((url) => [{ path: "/v1/messages", upstream: [url], ai: "anthropic-messages" }]);
    const refused = await fetch(`${served.gateway.url}/v1/messages`, { method: "POST", body: "{}" });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get("content-type"), "application/json");
    assert.equal(refused.headers.get("request-id"), refused.headers.get("x-request-id"));
    const { type, error } = (await refused.json()) as { type: string; error: { type: string; code: string } };
    assert.deepEqual([type, error.type, error.code], ["error", "authentication_error", "missing-credentials"]);
    const nowhere = await fetch(`${served.gateway.url}/nowhere`);
    assert.equal(nowhere.headers.get("content-type"), "application/problem+json");
    assert.equal(nowhere.headers.get("request-id"), null);
  });

  test("passes queries of SDKs, model ids with slashes, and pages that send the headers of SDKs", async () => {
    await using served = await start((url, file) => [
      chatRoute(url, file),
      { path: "/v1/models/{model+}", upstream: [url], upstreamKeyFile: file },
    ]);
    const { gateway, provider } = served;
    assert.equal((await chatWith(gateway.url, gateway.authorization, hello, "?beta=true&api-version=1")).status, 200);
    assert.equal(provider.calls.at(-1)?.url, "/v1/chat/completions?beta=true&api-version=1");
    for (const id of ["meta-llama/Llama-3.1-8B", "meta-llama%2FLlama-3.1-8B"]) {
      const found = await fetch(`${gateway.url}/v1/models/${id}`, { headers: gateway.authorization });
      assert.equal(((await found.json()) as { id: string }).id, "meta-llama/Llama-3.1-8B");
    }
    const asked = ["authorization", "content-type", "x-stainless-os", "x-stainless-retry-count", "anthropic-version", "anthropic-beta"];
    const preflight = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "OPTIONS",
      headers: {
        origin: "https://chat.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": asked.join(","),
      },
    });
    const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").toLowerCase().split(",");
    assert.deepEqual(
      asked.filter((name) => !allowed.includes(name)),
      [],
    );
    const response = await chatWith(gateway.url, { ...gateway.authorization, origin: "https://chat.example" });
    assert.match(response.headers.get("access-control-expose-headers") ?? "", /X-Should-Retry,Request-Id/);
  });

  test("meters streams for which the client did not request usage, and hides the added usage", async () => {
    await using served = await start((url, file) => [chatRoute(url, file)]);
    const { gateway, provider } = served;
    const body = await (await chatWith(gateway.url, gateway.authorization, { ...hello, stream: true })).text();
    assert.doesNotMatch(body, /usage/);
    assert.match(body, /\[DONE\]/);
    assert.deepEqual(provider.calls[0]?.body["stream_options"], { include_usage: true });
  });
});

describe("a body with the name of a dialect", () => {
  const attack = "'; DROP TABLE users; --";
  const statusOf = async (gateway: TestGateway, body: object): Promise<number> =>
    (await chatWith(gateway.url, gateway.authorization, body)).status;
  const route = { body: "openai-chat", screening: { mode: "block" } };

  test("may hold what tools take and return: operators of a database, NUL, and text that was cut within a character", async () => {
    const messagesRoute = { path: "/v1/messages", ai: "anthropic-messages", body: "anthropic-messages" };
    await using served = await start((url, upstreamKeyFile) => [{ ...messagesRoute, upstream: [url], upstreamKeyFile }], carriers);
    const { gateway, provider } = served;
    const client = new Anthropic({ baseURL: gateway.url, apiKey: keyOf(gateway), maxRetries: 0 });
    const input = { filter: { age: { $gt: 36 }, $where: "true" } };
    const content = "HOME=/root\0PATH=/bin\0 \u{1f600}".slice(0, -1);
    const reply = await client.messages.create({
      model: "made-up",
      max_tokens: 20,
      tools: [{ name: "find", input_schema: { type: "object", properties: { $gt: { type: "number" } } } }],
      messages: [
        { role: "user", content: "Find them" },
        { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "find", input }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content }] },
      ],
    });
    assert.equal(reply.type, "message");
    const messages = provider.calls[0]?.body["messages"] as { content: [{ input?: unknown; content?: unknown }] }[];
    assert.deepEqual([messages[1]?.content[0].input, messages[2]?.content[0].content], [input, content]);
  });

  test("goes on with every digit of its numbers, such as ids in the call of a tool", async () => {
    const bodies: string[] = [];
    await using upstream = await listen((req, res) => void text(req).then((body) => (bodies.push(body), res.end("{}"))));
    await using served = await start((_, file) => [
      chatRoute(upstream.url, file, { ...route, ai: { dialect: "openai-chat", maxOutputTokens: 50 } }),
    ]);
    const { gateway } = served;
    const body =
      '{"model":"made-up","seed":9223372036854775807,"messages":[{"role":"user","content":"Hi"}],"metadata":{"id":1859302918273645123}';
    const headers = { "content-type": "application/json", ...gateway.authorization };
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers, body: `${body}}` });
    assert.equal(response.status, 200);
    assert.deepEqual(bodies, [`${body},"max_completion_tokens":50}`]);
  });

  test("is refused for what the user has just said, not for what was said before, by others or by tools", async () => {
    await using served = await start((url, file) => [chatRoute(url, file, route)]);
    const { gateway } = served;
    const reply = {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: attack } }],
    };
    const before = [
      { role: "system", content: attack },
      { role: "user", content: attack },
      reply,
      { role: "tool", tool_call_id: "1", content: `<script>alert(1)</script> ${attack}` },
    ];
    const tools = [
      { type: "function", function: { name: "f", description: attack, parameters: { $schema: "x", type: "object", $defs: {} } } },
    ];
    const model = "made-up";
    assert.equal(await statusOf(gateway, { model, tools, messages: [...before, { role: "user", content: "Now go on." }] }), 200);
    const parts = [
      { type: "text", text: "See this" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${"QUJD".repeat(500_000)}` } },
    ];
    assert.equal(await statusOf(gateway, { model, messages: [{ role: "user", content: parts }] }), 200);
    assert.equal(await statusOf(gateway, { model, messages: [...before, { role: "user", content: "a\u0000b" }] }), 200);
    assert.equal(await statusOf(gateway, { model }), 422);
    assert.equal(await statusOf(gateway, { model, messages: "no list" }), 422);
    const many = Array.from({ length: 400 }, () => ({ role: "user", content: "Go on.", name: "ada" }));
    assert.equal(await statusOf(gateway, { model, messages: many }), 200);
  });
});

describe("a contradiction in an AI route is an error of the configuration", () => {
  const problems = (route: object): string =>
    problemsOf({
      env: { CONFIG_FILE: configFile({ routes: [{ path: "/v1/chat/completions", upstream: ["http://a:1"], ...route }] }) },
    }).join("\n");

  for (const [what, route, expected] of [
    ["an unknown dialect", { ai: "openai" }, /`ai` must be one of openai-chat, openai-responses/],
    ["a misspelt dialect", { ai: "openai_chat" }, /`ai` must be one of .*\(did you mean openai-chat\?\)/],
    ["the beginning of a dialect", { ai: { dialect: "anthropic" } }, /`ai\.dialect` must be .*\(did you mean anthropic-messages\?\)/],
    [
      "a wait for the first text beyond all of it",
      { ai: "openai-chat", timeouts: { firstEvent: "2m", total: "1m" } },
      /than `timeouts\.total` allows:/,
    ],
    [
      "the same with the total of AI routes",
      { ai: "openai-chat", timeouts: { firstEvent: "15m" } },
      /`timeouts\.total` allows, 10m on a route with `ai`/,
    ],
    [
      "the same with the longest stream",
      { ai: "openai-chat", timeouts: { firstEvent: 61, stream: "1m" } },
      /than `timeouts\.stream` allows:/,
    ],
    ["an unknown member", { ai: { dialect: "openai-chat", model: ["a"] } }, /`ai\.model` is unknown: did you mean `ai\.models`\?/],
    ["no dialect", { ai: { models: ["a"] } }, /`ai` needs `dialect`/],
    ["no POST", { ai: "openai-chat", methods: ["GET"] }, /no POST in `methods`/],
    ["a limit of no output", { ai: { dialect: "openai-embeddings", maxOutputTokens: 1 } }, /openai-embeddings has no output/],
    [
      "a limit that its dialect does not have",
      { ai: { dialect: "openai-chat", limitMember: "max" } },
      /write one of max_completion_tokens, max_tokens/,
    ],
    [
      "a member for no output",
      { ai: { dialect: "openai-embeddings", limitMember: "max_tokens" } },
      /openai-embeddings does not have: remove it/,
    ],
    ["usage that nobody can ask for", { ai: { dialect: "anthropic-messages", askUsage: false } }, /without being asked/],
    ["a fall-over to nowhere", { ai: { dialect: "openai-chat", failOverOn: ["a"] } }, /`ai\.failOverOn` without `fallback`/],
    ["two dialects", { ai: "openai-chat", body: "anthropic-messages" }, /`ai` says openai-chat: write `body: openai-chat`/],
    ["a header without a key", { ai: "openai-chat", upstreamKeyHeader: "api-key" }, /without `upstreamKeyFile`/],
    ["a key that is not there", { ai: "openai-chat", upstreamKeyFile: "/nowhere/key" }, /\/nowhere\/key/],
    [
      "two keys",
      { ai: "openai-chat", upstreamKeyFile: "/nowhere/key", requestHeaders: { Authorization: { env: "HOME" } } },
      /by `upstreamKeyFile` and by `requestHeaders`/,
    ],
    ["the client's key and another", { ai: "openai-chat", upstreamKeyFile: "/k", forwardAuthorization: true, public: true }, /two keys/],
    ["a redirect", { ai: "openai-chat", upstream: undefined, redirect: { location: "/b" } }, /is redirected and takes no `ai`/],
    ["an unknown schema", { methods: ["POST"], body: "openai" }, /`body` must be stream, openai-chat/],
  ] as const) {
    test(what, () => {
      assert.match(problems(route), expected);
    });
  }
});
