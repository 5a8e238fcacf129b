import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { requestClaims } from "@aivillage/downstream-proxy";
import { listen, startDownstream } from "@aivillage/testing";
import Anthropic from "@anthropic-ai/sdk";
import { AzureOpenAI } from "openai";

import { carrierNames } from "../src/config/settings/carrier-names.ts";
import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const all = { API_KEY_CARRIERS: "authorization, X-Api-Key, api-key" };
const statusOf = async (url: string, headers: Record<string, string>): Promise<number> => {
  const response = await fetch(url, { headers });
  await response.text();
  return response.status;
};

describe("headers that carry the key", () => {
  test("are those of the setting, and only Authorization without it", async () => {
    await using service = await startDownstream();
    const document = configFile({ routes: [{ path: "/a", upstream: [service.url] }] });
    await using open = await startTestGateway({ CONFIG_FILE: document, ...all });
    await using strict = await startTestGateway({ CONFIG_FILE: document });
    const key = open.authorization.authorization.slice("Bearer ".length);
    for (const name of ["x-api-key", "api-key"]) {
      assert.equal(await statusOf(`${open.url}/a`, { [name]: key }), 200);
      assert.equal(await statusOf(`${open.url}/a`, { [name]: key, ...open.authorization }), 200);
      assert.equal(await statusOf(`${open.url}/a`, { [name]: "another", ...open.authorization }), 400);
      assert.equal(await statusOf(`${strict.url}/a`, { [name]: key }), 401);
    }
    assert.equal(await statusOf(`${open.url}/a`, { "x-goog-api-key": key }), 401);
    const sent = service.received.flatMap(({ headers }) => Object.values(headers));
    assert.ok(service.received.length > 0 && !sent.some((value) => String(value).includes(key)), "no service gets the key");
  });

  test("are named to caches, beside what the service and CORS depend on", async () => {
    await using service = await listen((_req, res) => res.setHeader("Vary", "Accept").setHeader("Cache-Control", "max-age=60").end("mine"));
    const document = configFile({ routes: [{ path: "/a", upstream: [service.url] }] });
    await using gateway = await startTestGateway({ CONFIG_FILE: document, CORS_ORIGINS: "https://a.example", ...all });
    const key = gateway.authorization.authorization.slice("Bearer ".length);
    const response = await fetch(`${gateway.url}/a`, { headers: { "x-api-key": key } });
    assert.equal(await response.text(), "mine");
    assert.equal(response.headers.get("vary"), "Origin, X-Api-Key, api-key, Accept");
  });

  test("are named to clients without a key, to pages of other origins and in the description of the API", async () => {
    await using gateway = await startTestGateway(all);
    const refused = await gateway.post("/v1/query", { query: "hello" }, { authorization: "" });
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Bearer .*ApiKey .*header="X-Api-Key"/);
    const preflight = await fetch(`${gateway.url}/v1/query`, {
      method: "OPTIONS",
      headers: { origin: "https://a.example", "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" },
    });
    assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /x-api-key/i);
    const api = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as {
      components: { securitySchemes: Record<string, object> };
      paths: Record<string, Record<string, { security?: object[] }>>;
    };
    assert.deepEqual(Object.keys(api.components.securitySchemes), ["apiKey", "x-api-key", "api-key"]);
    assert.deepEqual(api.paths["/v1/query"]?.["post"]?.security, [{ apiKey: [] }, { "x-api-key": [] }, { "api-key": [] }]);
    assert.equal(api.paths["/healthz"]?.["get"]?.security, undefined);
  });

  test("let the official clients of Anthropic and Azure in with their usual option", async () => {
    await using service = await listen((_req, res) => {
      res.setHeader("Content-Type", "application/json");
      res.end(JSON.stringify({ id: "1", content: [], choices: [{ message: { content: "hello" } }] }));
    });
    const route = { path: "/ai/*", methods: "any", query: "any", body: "stream", upstream: [service.url] };
    await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes: [route] }), ...all });
    const apiKey = gateway.authorization.authorization.slice("Bearer ".length);
    const messages = [{ role: "user", content: "hello" }] as const;
    const anthropic = new Anthropic({ baseURL: `${gateway.url}/ai`, apiKey, authToken: null, maxRetries: 0 });
    assert.equal((await anthropic.messages.create({ model: "m", max_tokens: 9, messages: [...messages] })).id, "1");
    const azure = new AzureOpenAI({ endpoint: `${gateway.url}/ai`, apiKey, apiVersion: "2024-10-21", maxRetries: 0 });
    assert.equal((await azure.chat.completions.create({ model: "m", messages: [...messages] })).id, "1");
  });

  test("that hold a credential of the service on a public route are no guesses, and a key of the gateway stays here", async () => {
    await using service = await startDownstream();
    const route = { path: "/a", public: true, upstream: [service.url], requestHeaders: { "x-api-key": true } };
    await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes: [route] }), ...all });
    for (let index = 0; index < 40; index += 1) assert.equal(await statusOf(`${gateway.url}/a`, { "x-api-key": `sk-${index}` }), 200);
    assert.equal(service.received.at(-1)?.headers["x-api-key"], "sk-39");
    await statusOf(`${gateway.url}/a`, { "x-api-key": gateway.authorization.authorization.slice("Bearer ".length) });
    assert.equal(service.received.at(-1)?.headers["x-api-key"], undefined);
    assert.equal(gateway.log.filter(({ message }) => message === "penalty changed").length, 0);
  });

  test("are headers that services do not get by default", () => {
    const kept = requestClaims.flatMap(({ group, names }) => (group === "credentials" ? names : []));
    for (const name of carrierNames) assert.ok(name === "authorization" || kept.includes(name), name);
    assert.match(
      problemsOf({ env: { API_KEY_CARRIERS: "x-team-key" } }).join(),
      /API_KEY_CARRIERS .*must be one or more of authorization, x-api-key/,
    );
  });
});
