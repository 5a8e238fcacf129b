import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, describe, test } from "node:test";

import { codeBlocks, eventually, listen, readFromRoot, root } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { parse } from "yaml";

import { configFile } from "./config-support.ts";
import { keysFolder } from "./keys-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "aivillage-guides-"));
after(() => rmSync(folder, { recursive: true }));

const yamlOf = (page: string): string[] =>
  codeBlocks(readFromRoot(`docs/guides/${page}`)).flatMap(({ language, code }) => (language === "yaml" ? code : []));

/** Starts the gateway with a configuration of a page, its backends and secrets replaced by those of the test. */
function startGuide(
  page: string,
  index: number,
  replaced: Readonly<Record<string, string>>,
  env: Record<string, string> = {},
): Promise<TestGateway> {
  const yaml = Object.entries(replaced).reduce((all, [from, to]) => all.replaceAll(from, to), yamlOf(page)[index] ?? "");
  assert.ok(parse(yaml));
  return startTestGateway({ CONFIG_FILE: configFile(yaml), ...env });
}

test("every configuration of every guide is tested, here, in target-guides.test.ts or in customer-guides.test.ts", () => {
  const pages = readdirSync(join(root, "docs/guides")).filter((file) => file !== "README.md");
  assert.deepEqual(
    pages.toSorted().map((page) => `${page} ${yamlOf(page).length}`),
    [
      "ai-routes.md 1",
      "behind-a-proxy.md 0",
      "browser-app.md 1",
      "canary.md 2",
      "fastapi-application.md 1",
      "keys-for-customers.md 0",
      "kubernetes.md 0",
      "limits-by-plan.md 1",
      "mtls-to-a-backend.md 2",
      "openai-compatible-server.md 2",
      "uploads-with-a-scanner.md 0",
      "web-application.md 1",
      "websocket-service.md 2",
    ],
  );
});

/** Behaves as a server of models does that wants a key of its own: JSON, streams, and errors of its form. */
async function models(req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.setHeader("X-Asked-By", String(req.headers["x-gateway-principal"] ?? "nobody"));
  res.setHeader("Content-Type", "application/json");
  if (req.headers.authorization !== "Bearer sk-provider") {
    res.statusCode = 401;
    return void res.end(JSON.stringify({ error: { message: "provider: wrong key" } }));
  }
  if (req.url?.startsWith("/v1/models/") === true) {
    return void res.end(JSON.stringify({ id: decodeURIComponent(req.url.slice("/v1/models/".length)), object: "model" }));
  }
  const { stream, messages } = JSON.parse(await text(req)) as { stream?: boolean; messages: { content: string }[] };
  const choice = (key: "message" | "delta", content: string) =>
    JSON.stringify({ id: "1", choices: [{ index: 0, [key]: { role: "assistant", content } }] });
  if (stream !== true) return void res.end(choice("message", `echo ${messages[0]?.content.length}`));
  res.setHeader("Content-Type", "text/event-stream");
  for (const part of ["a", "b", "c"]) res.write(`data: ${choice("delta", part)}\n\n`);
  res.end("data: [DONE]\n\n");
}

const toStatus = (error: unknown): unknown => (error as { status?: number }).status;

describe("the guide for an OpenAI-compatible server", () => {
  const page = "openai-compatible-server.md";
  const key = join(folder, "provider-key");
  writeFileSync(key, "sk-provider\n", { mode: 0o600 });
  const start = (index: number, url: string, env: Record<string, string> = {}) =>
    startGuide(page, index, { "http://vllm:8000": url, "https://api.openai.com": url, "/run/secrets/provider-key": key }, env);

  test("serves the official client with a key of the gateway", async () => {
    await using server = await listen((req, res) => void models(req, res));
    await using gateway = await start(0, server.url);
    const client = new OpenAI({ baseURL: `${gateway.url}/openai/v1`, apiKey: gateway.authorization.authorization.slice(7), maxRetries: 0 });
    const long = "word ".repeat(60_000);
    const reply = await client.chat.completions.create({ model: "m", messages: [{ role: "user", content: long }] });
    assert.equal(reply.choices[0]?.message.content, `echo ${long.length}`);
    assert.equal((await client.models.retrieve("org/name")).id, "org/name");
    const { response } = await client.models.retrieve("m").withResponse();
    assert.equal(response.headers.get("x-asked-by"), "key:default");
    let streamed = "";
    const events = await client.chat.completions.create({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] });
    for await (const event of events) streamed += event.choices[0]?.delta.content ?? "";
    assert.equal(streamed, "abc");
  });

  test("is healthy while the built-in services are not used", async () => {
    await using server = await listen((req, res) => void models(req, res));
    await using gateway = await start(0, server.url);
    for (const service of [gateway.twin, gateway.agentController, gateway.knowledgeSystem]) service.script = { status: 503 };
    await eventually(async () => {
      const report = (await (await fetch(`${gateway.url}/healthz`)).json()) as {
        status: string;
        services: Record<string, { status: string }>;
      };
      assert.equal(report.services["openai.v1.all"]?.status, "healthy");
      assert.equal(report.status, "healthy");
      return true;
    }, "the service is probed");
  });

  test("takes a key that its command creates, from Anthropic's client as a bearer token", async () => {
    await using server = await listen((req, res) => void models(req, res));
    using keys = keysFolder();
    const args = /^aivillage-gateway keys create (.+) > ada\.txt$/m.exec(readFromRoot(`docs/guides/${page}`))?.[1]?.split(" ") ?? [];
    const { key: apiKey } = await keys.create(...args);
    const { key: other } = await keys.create("bob", "--scope", "chat");
    await using gateway = await start(0, server.url, { API_KEYS_FILE: keys.path });
    const statusOf = (each: string) =>
      new OpenAI({ baseURL: `${gateway.url}/openai/v1`, apiKey: each, maxRetries: 0 }).models.retrieve("m").then(() => 200, toStatus);
    assert.deepEqual([await statusOf(apiKey), await statusOf(other)], [200, 403]);
    const say = (authToken: string) =>
      new Anthropic({ authToken, apiKey: null, baseURL: `${gateway.url}/openai`, maxRetries: 0 }).messages
        .create({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hi" }] })
        .then(() => 200, toStatus);
    assert.equal(await say(apiKey), 200);
    assert.equal((await fetch(`${gateway.url}/openai/v1/models/m`, { headers: { "x-api-key": apiKey } })).status, 401);
  });

  test("shows the official client why it is refused", async () => {
    await using server = await listen((req, res) => void models(req, res));
    await using gateway = await start(0, server.url);
    const client = new OpenAI({ baseURL: `${gateway.url}/openai/v1`, apiKey: "wrong", maxRetries: 0 });
    await assert.rejects(client.models.retrieve("m"), (error: InstanceType<typeof OpenAI.APIError>) => {
      assert.deepEqual([error.status, error.code, error.type], [401, "invalid-credentials", "authentication_error"]);
      assert.match(error.message, /not known, not valid at this time/);
      return true;
    });
  });

  test("passes the client's own key on, and never one of the gateway", async () => {
    await using server = await listen((req, res) => void models(req, res));
    await using gateway = await start(1, server.url);
    const retrieve = (apiKey: string) =>
      new OpenAI({ baseURL: `${gateway.url}/openai/v1`, apiKey, maxRetries: 0 }).models.retrieve("m").then(({ id }) => id, String);
    assert.equal(await retrieve("sk-provider"), "m");
    assert.match(await retrieve(gateway.authorization.authorization.slice(7)), /provider: wrong key/);
  });
});

describe("the guide for language models", () => {
  const page = "ai-routes.md";
  const key = join(folder, "model-key");
  const keyOfFallback = join(folder, "vllm-key");
  writeFileSync(key, "sk-provider\n", { mode: 0o600 });
  writeFileSync(keyOfFallback, "sk-vllm\n", { mode: 0o600 });
  const start = (urls: { openai: string; anthropic: string; fallback: string }, env: Record<string, string> = {}) =>
    startGuide(
      page,
      0,
      {
        "https://api.openai.com": urls.openai,
        "https://api.anthropic.com": urls.anthropic,
        "http://vllm:8000": urls.fallback,
        "/run/secrets/openai-key": key,
        "/run/secrets/anthropic-key": key,
        "/run/secrets/vllm-key": keyOfFallback,
      },
      env,
    );
  const full = { name: "gpt-full", dialect: "openai-chat", request: {}, status: 429, type: "application/json" } as const;
  const messages = [{ role: "user" as const, content: "Good morning" }];

  test("serves the official clients with one key of the gateway, and asks the fallback when the provider has no room", async () => {
    await using openai = await startFakeProvider({ key: "sk-provider", captures: [{ ...full, steps: () => ["{}"] }] });
    await using anthropic = await startFakeProvider({ key: "sk-provider" });
    await using fallback = await startFakeProvider({ key: "sk-vllm" });
    await using gateway = await start({ openai: openai.url, anthropic: anthropic.url, fallback: fallback.url });
    const apiKey = gateway.authorization.authorization.slice(7);
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey, maxRetries: 0 });
    const ask = async (model: string) => (await client.chat.completions.create({ model, messages })).choices[0]?.message.content;
    assert.equal(await ask("gpt-5"), "Good morning");
    assert.deepEqual([openai.calls.length, fallback.calls.length], [1, 0]);
    assert.equal(await ask("gpt-full"), "Good morning");
    assert.deepEqual([openai.calls.length, fallback.calls.length], [2, 1]);
    await assert.rejects(ask("claude-5"), { status: 403, code: "model-not-allowed" });
    assert.equal((await client.responses.create({ model: "gpt-5", input: "Good night" })).output_text, "Good night");
    assert.equal((await client.embeddings.create({ model: "gpt-e", input: ["a", "b"], encoding_format: "float" })).data.length, 2);
    assert.equal((await client.models.retrieve("meta-llama/Llama-3.1-8B")).id, "meta-llama/Llama-3.1-8B");
    const other = new Anthropic({ baseURL: gateway.url, apiKey, maxRetries: 0 });
    const said = await other.messages.create({ model: "claude-5", max_tokens: 10, messages });
    assert.deepEqual(said.content, [{ type: "text", text: "Good morning" }]);
    assert.deepEqual(
      (await client.models.list()).data.map(({ id }) => id),
      ["made-up-1"],
    );
    assert.ok((await other.messages.countTokens({ model: "claude-5", messages })).input_tokens > 0);
    assert.equal(anthropic.calls.at(-1)?.headers["x-api-key"], "sk-provider");
    assert.equal(anthropic.calls.at(-1)?.headers["x-forwarded-for"], undefined);
    const lines = gateway.log.filter(({ message, model }) => message === "request completed" && model === "claude-5");
    assert.deepEqual(
      lines.map(({ input_tokens: input, output_tokens: output, usage, upstream_request_id: id }) => [input, output, usage, id]),
      [[9, 2, "reported", "req_provider_1"]],
    );
  });
});

describe("the guide for a FastAPI application", () => {
  test("serves its paths by any method, its closed part by scope, and its page", async () => {
    const seen: string[] = [];
    await using orders = await listen((req, res) => {
      seen.push(`${req.method} ${req.url}`);
      res.setHeader("X-Powered-By", "uvicorn");
      res.setHeader("Content-Type", req.url === "/docs" ? "text/html" : "application/json");
      res.end(JSON.stringify({ principal: req.headers["x-gateway-principal"] ?? null }));
    });
    await using gateway = await startGuide("fastapi-application.md", 0, {
      "http://orders-1:8000": orders.url,
      "http://orders-2:8000": orders.url,
    });
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(gateway.url + path, { headers: gateway.authorization, redirect: "manual", ...init });
    const paths = ["/", "/items", "/items/7?q=a&q=b", "/items/a%2Fb", "/users/me", "/static/app.js", "/search?filter[x]=1", "/a/b/c/d/e"];
    for (const path of paths) assert.deepEqual(await (await ask(`/orders${path}`)).json(), { principal: "key:default" }, path);
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
      assert.equal((await ask("/orders/items", { method })).status, 200, method);
    assert.equal((await ask("/orders/admin/x")).status, 200, "API_KEY has every scope");
    assert.equal((await fetch(`${gateway.url}/orders/admin/x`)).status, 401);
    assert.equal((await ask("/orders/%61dmin/x")).status, 404);
    const docs = await fetch(`${gateway.url}/orders/docs`);
    assert.match(docs.headers.get("content-security-policy") ?? "", /script-src 'self' 'unsafe-inline' https:\/\/cdn\.jsdelivr\.net/);
    assert.equal((await ask("/orders")).headers.get("location"), "/orders/");
    assert.equal((await ask("/orders/items")).headers.get("x-powered-by"), null);
    assert.deepEqual(
      seen.slice(0, paths.length),
      paths.map((path) => `GET ${path}`),
    );
    assert.ok(seen.includes("GET /admin/x") && seen.includes("GET /docs"));
  });
});

describe("the guide for a web application", () => {
  /** Asks with a host of its own, as browsers do. */
  const ask = (gateway: TestGateway, host: string, path: string, headers: Record<string, string> = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: "127.0.0.1", port: gateway.port, path, headers: { host, ...headers } }, resolve)
        .on("error", reject)
        .end();
    });

  test("gives the application its host, cookies and policy, and keeps the API closed", async () => {
    await using web = await listen((req, res) => {
      res.setHeader("Content-Security-Policy", "default-src 'self' 'nonce-1'");
      res.setHeader("Set-Cookie", "session=1; HttpOnly");
      res.setHeader("X-Generator", "Web 1.0");
      res.setHeader("Content-Type", "text/html");
      res.end(`<p>${req.url} ${req.headers.cookie}</p>`);
    });
    await using api = await listen((req, res) => void res.end(`api ${req.url}`));
    await using gateway = await startGuide("web-application.md", 0, { "http://web:3000": web.url, "http://api:8000": api.url });
    for (const path of ["/", "/login", "/healthz", "/assets/a%20b.css?v=1"]) {
      const page = await ask(gateway, "app.example.com", path, { cookie: "session=1" });
      assert.equal(await text(page), `<p>${path} session=1</p>`);
      assert.equal(page.headers["content-security-policy"], "default-src 'self' 'nonce-1'");
      assert.equal(page.headers["x-content-type-options"], "nosniff");
      assert.equal(page.headers["x-generator"], undefined);
      assert.deepEqual(page.headers["set-cookie"], ["session=1; HttpOnly"]);
    }
    const moved = await ask(gateway, "www.example.com", "/a/b?c=1");
    assert.deepEqual([moved.statusCode, moved.headers.location], [301, "https://app.example.com/a/b?c=1"]);
    assert.equal((await ask(gateway, "app.example.com", "/api/x")).statusCode, 401);
    assert.equal(await text(await ask(gateway, "app.example.com", "/api/x", gateway.authorization)), "api /api/x");
    assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
  });
});
