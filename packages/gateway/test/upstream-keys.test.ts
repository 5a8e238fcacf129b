import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, test } from "node:test";

import { eventually, listen, temporaryFile } from "@aivillage/testing";
import Anthropic, { APIError as AnthropicError } from "@anthropic-ai/sdk";
import OpenAI, { APIError } from "openai";

import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const key = "sk-provider-0123456789abcdef";
const hello = { model: "made-up", messages: [{ role: "user" as const, content: "Hello there" }] };

/** A gateway with routes to a provider of the test; `received` has each of its requests. */
async function start(respond: (res: ServerResponse) => void, more: object = {}, env: Record<string, string> = {}) {
  const stack = new AsyncDisposableStack();
  const file = stack.use(temporaryFile("key"));
  writeFileSync(file.path, key, { mode: 0o600 });
  const received: IncomingMessage[] = [];
  const provider = stack.use(
    await listen((req, res) => {
      received.push(req);
      req.resume().on("end", () => respond(res));
    }),
  );
  const route = { upstream: [provider.url], upstreamKeyFile: file.path, ...more };
  const routes = [
    { path: "/v1/chat/completions", ai: "openai-chat", ...route },
    { path: "/v1/messages", ai: "anthropic-messages", ...route },
    { path: "/v1/models", ...route },
  ];
  const gateway = stack.use(await startTestGateway({ CONFIG_FILE: configFile({ routes }), ...env }));
  const apiKey = gateway.authorization.authorization.slice("Bearer ".length);
  return { gateway, received, apiKey, keyFile: file.path, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const json =
  (status: number, document: object, headers: Record<string, string> = {}) =>
  (res: ServerResponse) =>
    void res.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(document));

describe("a service that refuses the key of the gateway", () => {
  for (const [status, detail, message, problem] of [
    [401, /refuses the credentials of this gateway/, "upstream refuses the key of this gateway", "refused"],
    [403, /does not permit this call with the credentials/, "upstream does not permit a call with the key of this gateway", "forbidden"],
  ] as const) {
    test(`with ${status} is not blamed on the client, and is reported to the operator`, async () => {
      const refusal = { error: { message: "Incorrect API key provided", code: "invalid_api_key" } };
      await using served = await start(
        json(status, refusal, { "WWW-Authenticate": "Bearer" }),
        {},
        { API_KEY_CARRIERS: "authorization,x-api-key" },
      );
      const { gateway, apiKey, received } = served;
      const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey });
      const error: unknown = await openai.chat.completions.create(hello).catch((each: unknown) => each);
      assert.ok(error instanceof APIError);
      assert.deepEqual([error.status, error.code], [502, "bad-gateway"]);
      assert.match(error.message, detail);
      assert.equal(received.length, 1, "it is not sent again");
      const anthropic = new Anthropic({ baseURL: gateway.url, apiKey });
      await assert.rejects(
        anthropic.messages.create({ ...hello, max_tokens: 9 }),
        (thrown) => thrown instanceof AnthropicError && thrown.status === 502 && thrown.requestID !== null,
      );
      const models = await fetch(`${gateway.url}/v1/models`, { headers: gateway.authorization });
      assert.deepEqual([models.status, models.headers.get("www-authenticate")], [502, null]);
      const lines = gateway.log.filter((line) => line.message === message);
      assert.deepEqual(
        lines.map(({ route, status: seen }) => [route, seen]),
        ["v1.chat.completions", "v1.messages", "v1.models"].map((name) => [name, status]),
      );
      const counted = `gateway_upstream_key_problems_total{route="v1.chat.completions",problem="${problem}"} 1`;
      assert.ok((await gateway.gateway.registry.metrics()).includes(counted));
    });
  }

  test("passes its refusal on where clients send keys of their own", async () => {
    await using served = await start(json(401, { error: { message: "provider: wrong key" } }), {
      upstreamKeyFile: undefined,
      forwardAuthorization: true,
      public: true,
    });
    const response = await fetch(`${served.gateway.url}/v1/models`, { headers: { authorization: "Bearer of-the-client" } });
    assert.equal(response.status, 401);
    assert.match(await response.text(), /provider: wrong key/);
  });
});

describe("a service that repeats the key of the gateway in an error", () => {
  const withheld: Readonly<Record<string, (res: ServerResponse) => void>> = {
    "in its body": json(400, { error: { message: `The key ${key} has no access` } }),
    "in a header": json(400, {}, { "X-Debug-Key": `Bearer ${key}` }),
    "where its chunks meet": (res) => {
      res.writeHead(500, { "Content-Type": "text/plain" }).write(`no access: ${key.slice(0, 12)}`);
      setTimeout(() => res.end(key.slice(12)), 20);
    },
    "in a body that cannot be read": (res) => void res.writeHead(400, { "Content-Encoding": "gzip" }).end("?"),
  };
  for (const [where, respond] of Object.entries(withheld)) {
    test(`${where} is not passed on`, async () => {
      await using served = await start(respond);
      const { gateway } = served;
      const post = { method: "POST", body: JSON.stringify(hello), headers: gateway.authorization };
      for (const response of [
        await fetch(`${gateway.url}/v1/chat/completions`, post),
        await fetch(`${gateway.url}/v1/models`, { headers: gateway.authorization }),
      ]) {
        assert.equal(response.status, 502);
        assert.match(await response.text(), /does not pass on/);
        assert.ok(!JSON.stringify([...response.headers]).includes(key));
      }
      assert.match(
        await gateway.gateway.registry.metrics(),
        /gateway_upstream_key_problems_total\{route="v1\.models",problem="repeated"\} 1/,
      );
      assert.ok(!JSON.stringify(gateway.log).includes(key));
    });
  }

  test("after 64 KiB is broken off, and a long error without it passes unchanged", async () => {
    const long = "x".repeat(200_000);
    let last = key;
    await using served = await start((res) => void res.writeHead(400).end(long + last));
    const read = () => fetch(`${served.gateway.url}/v1/models`, { headers: served.gateway.authorization }).then((each) => each.text());
    await assert.rejects(read());
    last = key.slice(0, -1);
    assert.equal(await read(), long + last);
  });

  test("is searched for the key that is in the file now", async () => {
    let message = "sk-of-tomorrow-0123456789";
    await using served = await start((res) => json(400, { error: { message } })(res));
    const status = () => fetch(`${served.gateway.url}/v1/models`, { headers: served.gateway.authorization }).then((each) => each.status);
    assert.equal(await status(), 400);
    writeFileSync(served.keyFile, message);
    await eventually(async () => (await status()) === 502, "the new key is withheld");
    message = key;
    assert.equal(await status(), 400);
  });
});

test("the id of a request is the gateway's on every response of Anthropic's API, and the provider's is in the log", async () => {
  for (const status of [200, 529]) {
    await using served = await start(json(status, { content: [], error: { message: "Overloaded" } }, { "request-id": "req_provider_1" }));
    const { gateway } = served;
    const body = JSON.stringify({ ...hello, max_tokens: 9 });
    const response = await fetch(`${gateway.url}/v1/messages`, { method: "POST", headers: gateway.authorization, body });
    assert.equal(response.status, status);
    await response.text();
    const id = response.headers.get("request-id");
    assert.equal(id, response.headers.get("x-request-id"));
    await eventually(
      () => gateway.log.some((line) => line["request_id"] === id && line["upstream_request_id"] === "req_provider_1"),
      "the line of the request",
    );
  }
});

describe("a provider", () => {
  const ok = json(200, { choices: [], data: [] });

  test("learns neither who the clients are nor what stands before it, unless the operator wants it", async () => {
    await using served = await start(ok);
    await using told = await start(ok, { sendForwarded: true });
    for (const { gateway, received, named } of [
      { ...served, named: false },
      { ...told, named: true },
    ]) {
      const headers = { ...gateway.authorization, via: "1.1 inner-proxy", forwarded: "for=10.0.0.7" };
      assert.equal((await fetch(`${gateway.url}/v1/models`, { headers })).status, 200);
      const sent = Object.keys(received[0]?.headers ?? {}).filter((name) => /^(x-forwarded-.*|forwarded|via)$/.test(name));
      assert.deepEqual(sent.toSorted(), named ? ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"] : []);
    }
  });

  test("does not learn from the client who pays, unless the operator wants it", async () => {
    const headers = { "openai-organization": "org-1", "openai-project": "proj-1", "x-goog-user-project": "p-1" };
    const sent = async (more: object): Promise<unknown[]> => {
      await using served = await start(json(200, {}), more);
      const { gateway, received } = served;
      assert.equal((await fetch(`${gateway.url}/v1/models`, { headers: { ...gateway.authorization, ...headers } })).status, 200);
      return Object.keys(headers).map((name) => received[0]?.headers[name]);
    };
    assert.deepEqual(await sent({}), [undefined, undefined, undefined]);
    assert.deepEqual(await sent({ requestHeaders: { "OpenAI-Project": true, "OpenAI-Organization": "ours" } }), [
      "ours",
      "proj-1",
      undefined,
    ]);
  });

  test("gets no key of the gateway, wherever a client has put it", async () => {
    await using served = await start(ok);
    const { gateway, received, apiKey } = served;
    const headers = {
      ...gateway.authorization,
      "x-my-proxy-key": apiKey,
      "x-note": `use ${apiKey}, please`,
      referer: `https://app.example/?key=${apiKey}`,
      "x-project": "acme-corporation",
      "anthropic-version": "2026-10-21",
    };
    const query = `?key=${apiKey}&limit=20&t=${encodeURIComponent(`a ${apiKey}`)}&after=model-0123456789`;
    assert.equal((await fetch(`${gateway.url}/v1/models?${query.slice(1)}`, { headers })).status, 422, "no query is taken");
    const post = { method: "POST", body: JSON.stringify(hello), headers };
    assert.equal((await fetch(`${gateway.url}/v1/chat/completions${query}`, post)).status, 200);
    assert.equal((await fetch(`${gateway.url}/v1/chat/completions?api-key=${apiKey}`, post)).status, 200);
    const [first, second] = received;
    assert.ok(!JSON.stringify([first?.rawHeaders, first?.url, second?.url]).includes(apiKey));
    assert.equal(first?.url, "/v1/chat/completions?limit=20&after=model-0123456789");
    assert.equal(second?.url, "/v1/chat/completions");
    assert.deepEqual([first?.headers["x-project"], first?.headers["anthropic-version"]], ["acme-corporation", "2026-10-21"]);
  });
});

test("a key file that is not valid is reported once, although requests of an earlier configuration are in progress", async () => {
  const streams: ServerResponse[] = [];
  await using served = await start((res) => {
    res.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: 1\n\n");
    streams.push(res);
  });
  const { gateway, keyFile } = served;
  const running = await fetch(`${gateway.url}/v1/models`, { headers: gateway.authorization });
  gateway.gateway.reload(gateway.gateway.config);
  const count = (text: string): number => gateway.log.filter(({ message }) => message.startsWith(text)).length;
  // What an earlier configuration had to say, it would say before the next change is seen.
  for (const round of [1, 2, 3]) {
    writeFileSync(keyFile, "");
    await eventually(() => count("invalid secret file") >= round, "the empty file is reported");
    writeFileSync(keyFile, `${key}-${round}`);
    await eventually(() => count("secret files read again") >= round, "the file is read again");
  }
  assert.deepEqual([count("invalid secret file"), count("secret files read again")], [3, 3]);
  for (const res of streams) res.end();
  await running.text();
});
