import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";

import { eventually, hasProgram, needsRedis, startDownstream, startRedis, temporaryFile } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";
import OpenAI, { APIError } from "openai";

import { apiKey, startGatewayProcess } from "../bench/support/gateway-process.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const path = "/v1/chat/completions";
const daily = { name: "daily", unit: "tokens", limit: 60, period: "day" } as const;
const hello = { model: "gpt-5", max_tokens: 20, messages: [{ role: "user", content: "Six tokens are in this" }] };

/** A gateway with an AI route to a provider, and budgets. */
async function start(document: object, env: Record<string, string> = {}, routeMembers: object = {}) {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await startFakeProvider());
  const route = { path, upstream: [provider.url], ai: "openai-chat", ...routeMembers };
  const gateway = stack.use(await startTestGateway({ CONFIG_FILE: configFile({ routes: [route], ...document }), ...env }));
  return { provider, gateway, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const call = async (gateway: TestGateway, body: object = hello): Promise<Response> => gateway.post(path, body);
const problemOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

/** Calls until the budget refuses one; how many were admitted. */
async function callsUntilRefused(gateway: TestGateway): Promise<{ admitted: number; refused: Response }> {
  for (let admitted = 0; admitted < 20; admitted += 1) {
    const response = await call(gateway);
    if (response.status === 429) return { admitted, refused: response };
    assert.equal(response.status, 200);
    await response.text();
  }
  throw new Error("no call was refused");
}

describe("a budget of tokens", () => {
  test("admits calls until it is used, then refuses in the form of SDKs, and survives a reload", async () => {
    await using served = await start({ budgets: { limits: [daily] } });
    const { gateway, provider } = served;
    const first = await call(gateway);
    await first.text();
    assert.equal(first.headers.get("x-ratelimit-limit-tokens"), "60");
    assert.match(first.headers.get("ratelimit-policy") ?? "", /"daily";q=60;w=86400;qu="aivillage-tokens"/);
    gateway.gateway.reload(gateway.gateway.config);
    const { admitted, refused } = await callsUntilRefused(gateway);
    // Each call holds 32 tokens and uses 17: 17, 34, and 34 + 32 are beyond 60.
    assert.equal(admitted, 1);
    assert.equal(provider.calls.length, 2);
    const problem = await problemOf(refused);
    assert.deepEqual(problem["violated-policies"], ["daily"]);
    assert.equal((problem["error"] as { code: string }).code, "insufficient_quota");
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.authorization.authorization.slice(7), maxRetries: 0 });
    await assert.rejects(
      openai.chat.completions.create({ model: "gpt-5", max_tokens: 20, messages: [{ role: "user", content: "Six tokens are in this" }] }),
      (error) => error instanceof APIError && error.status === 429 && error.code === "insufficient_quota",
    );
  });

  test("holds on every AI route together, and only where its conditions hold", async () => {
    const document = {
      budgets: {
        limits: [
          { ...daily, name: "of-gpt", limit: 40, when: { models: ["gpt-*"] } },
          { ...daily, name: "of-route", unit: "calls", limit: 0, when: { routes: ["/second"] } },
          { ...daily, name: "of-tier", limit: 0, when: { tiers: ["premium"] } },
        ],
      },
    };
    await using provider = await startFakeProvider();
    const routes = [path, "/second"].map((each) => ({ path: each, upstream: [provider.url], ai: "openai-chat", rewrite: path }));
    await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ ...document, routes }) });
    const statusOf = async (at: string, model: string, more: object = {}): Promise<readonly unknown[]> => {
      const response = await gateway.post(at, { ...hello, model, ...more });
      const { "violated-policies": violated } = (await response.json()) as Record<string, unknown>;
      return [response.status, violated];
    };
    assert.deepEqual(await statusOf(path, "gpt-5"), [200, undefined]);
    assert.deepEqual(await statusOf(path, "gpt-5"), [429, ["of-gpt"]]);
    assert.deepEqual(await statusOf(path, "qwen"), [200, undefined]);
    assert.deepEqual(await statusOf(path, "qwen", { fallbacks: ["gpt-5"] }), [429, ["of-gpt"]]);
    assert.deepEqual(await statusOf("/second", "qwen"), [429, ["of-route"]]);
  });

  test("is not charged for a call that gets no slot", async () => {
    const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content: "a" } }] });
    await using models = await startDownstream({ sse: { events: Array.from({ length: 1_000 }, () => chunk), everyMs: 50 } });
    const route = { path, upstream: [models.url], ai: "openai-chat", concurrency: { max: 1, perKey: 1 } };
    const document = { routes: [route], budgets: { limits: [{ ...daily, unit: "calls", limit: 2 }] }, concurrency: { queueSize: 0 } };
    await using gateway = await startTestGateway({ CONFIG_FILE: configFile(document) });
    const running = await gateway.post(path, { ...hello, stream: true });
    const refused = await call(gateway);
    assert.match(String((await problemOf(refused))["type"]), /concurrency-exceeded/);
    await running.body?.cancel();
    models.script = {};
    const next = await eventually(async () => {
      const response = await call(gateway);
      await response.text();
      return response.status === 200 ? response : undefined;
    }, "the slot is free");
    assert.equal(next?.status, 200);
    assert.deepEqual((await problemOf(await call(gateway)))["violated-policies"], ["daily"]);
  });

  test("is free again when a client leaves while its call waits for a slot", async () => {
    const chunk = JSON.stringify({ choices: [{ index: 0, delta: { content: "a" } }] });
    await using models = await startDownstream({ sse: { events: Array.from({ length: 1_000 }, () => chunk), everyMs: 50 } });
    const route = { path, upstream: [models.url], ai: "openai-chat", concurrency: { max: 1, perKey: 1 } };
    await using gateway = await startTestGateway({
      CONFIG_FILE: configFile({ routes: [route], budgets: { limits: [{ ...daily, unit: "calls", limit: 2 }] } }),
    });
    const remaining = async (): Promise<unknown> => {
      const standing = await fetch(`${gateway.url}/v1/budget`, { headers: gateway.authorization });
      return ((await standing.json()) as { budgets: { remaining: number }[] }).budgets[0]?.remaining;
    };
    const running = await gateway.post(path, { ...hello, stream: true });
    for (let round = 0; round < 3; round += 1) {
      const leaving = new AbortController();
      const { authorization } = gateway.authorization;
      const headers = { authorization, "content-type": "application/json" };
      const waiting = fetch(gateway.url + path, { method: "POST", headers, body: JSON.stringify(hello), signal: leaving.signal });
      await eventually(async () => (await remaining()) === 0, "the waiting call holds its part");
      leaving.abort();
      await assert.rejects(waiting, { name: "AbortError" });
      await eventually(async () => (await remaining()) === 1, "nothing is held for it any more");
    }
    assert.equal(models.received.filter(({ url }) => url === path).length, 1, "the model has seen none of them");
    await running.body?.cancel();
  });
});

test("a budget of money counts prices by model, and refuses a model without one", async () => {
  const prices = { currency: "EUR", models: [{ model: "gpt-*", input: 1_000_000, output: 1_000_000 }] };
  await using served = await start({ prices, budgets: { limits: [{ name: "money", unit: "EUR", limit: 40, period: "day" }] } });
  const { gateway } = served;
  assert.equal((await call(gateway)).status, 200);
  assert.equal((await call(gateway)).status, 429);
  const unknown = await call(gateway, { ...hello, model: "qwen" });
  assert.equal(unknown.status, 403);
  assert.match(String((await problemOf(unknown))["type"]), /model-not-priced/);
});

test("a journal keeps a budget over a restart", async () => {
  using journal = temporaryFile("journal");
  const env = { BUDGET_JOURNAL: `${journal.path}.log` };
  const document = { budgets: { limits: [{ ...daily, period: "month" }] } };
  {
    await using served = await start(document, env);
    assert.equal((await callsUntilRefused(served.gateway)).admitted, 2);
  }
  await using again = await start(document, env);
  assert.equal((await call(again.gateway)).status, 429);
});

test("gateways with one Redis share a budget, whose outage refuses calls", needsRedis, async () => {
  await using redis = await startRedis();
  const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
  const document = { budgets: { limits: [daily] } };
  await using one = await start(document, env);
  await using other = await start(document, env);
  assert.equal((await callsUntilRefused(one.gateway)).admitted, 2);
  assert.equal((await call(other.gateway)).status, 429);
  await redis.kill();
  await eventually(async () => {
    const response = await call(other.gateway);
    return response.status === 503 && /budget-unavailable/.test(String((await problemOf(response))["type"]));
  }, "the budget cannot be checked");
  await eventually(async () => {
    const standing = await fetch(`${other.gateway.url}/v1/budget`, { headers: other.gateway.authorization });
    assert.equal(standing.status, 503);
    return /^gateway_budget_store_up\{store="redis"\} 0$/m.test(await other.gateway.gateway.registry.metrics());
  }, "the outage is in the metrics");
  assert.ok(other.gateway.log.some(({ level, message }) => level === "error" && message === "budget store is down"));
});

test("callers see how their own budgets stand, and need a key", async () => {
  const limits = [daily, { ...daily, name: "of-gpt", unit: "calls", limit: 5, by: "all", when: { models: ["gpt-*"], routes: [path] } }];
  const premium = { ...daily, name: "premium", when: { tiers: ["premium"] } };
  await using served = await start({ budgets: { limits: [...limits, premium] } });
  const { gateway } = served;
  await (await call(gateway)).text();
  const standing = () => fetch(`${gateway.url}/v1/budget`, { headers: gateway.authorization });
  const { budgets } = await eventually(async () => {
    const found = (await (await standing()).json()) as { budgets: Record<string, unknown>[] };
    return found.budgets[0]?.["held"] === 0 ? found : undefined;
  }, "the call is charged").then((found) => found ?? { budgets: [] });
  const shown = budgets.map(({ name, unit, limit, spent, held, remaining }) => [name, unit, limit, spent, held, remaining]);
  assert.deepEqual(shown, [
    ["daily", "tokens", 60, 17, 0, 43],
    ["of-gpt", "calls", 5, 1, 0, 4],
  ]);
  assert.ok(Date.parse(String(budgets[0]?.["resets_at"])) > Date.now());
  assert.equal((await standing()).headers.get("cache-control"), "no-store");
  assert.equal((await fetch(`${gateway.url}/v1/budget`)).status, 401);
});

test("metrics, access lines and log lines say how budgets stand and what they refused", async () => {
  await using served = await start({ budgets: { limits: [{ ...daily, limit: 42 }] } });
  const { gateway } = served;
  const { admitted } = await callsUntilRefused(gateway);
  assert.equal(admitted, 1);
  const metrics = await gateway.gateway.registry.metrics();
  assert.match(metrics, /^gateway_budget_decisions_total\{budget="daily",decision="admitted"\} 1$/m);
  assert.match(metrics, /^gateway_budget_decisions_total\{budget="daily",decision="refused"\} 1$/m);
  assert.match(metrics, /^gateway_budget_calls_total\{end="ended"\} 1$/m);
  assert.match(metrics, /^gateway_budget_used_ratio\{budget="daily"\} 0.404/m);
  const lines = gateway.log.filter(({ route }) => route === path);
  assert.deepEqual(
    lines.map(({ status, budget, problem }) => [status, budget, problem]),
    [
      [200, undefined, undefined],
      [429, "daily", "quota-exceeded"],
    ],
  );
});

test("a budget that is nearly used, and one that is, have a line each", async () => {
  await using served = await start({ budgets: { limits: [{ ...daily, unit: "calls", limit: 5 }] } });
  const { gateway } = served;
  assert.equal((await callsUntilRefused(gateway)).admitted, 5);
  const reached = gateway.log.filter(({ message }) => message === "budget threshold reached");
  assert.deepEqual(
    reached.map(({ level, budget, of, percent, spent }) => [level, budget, of, percent, spent]),
    [
      ["warn", "daily", "key:default", 80, 4],
      ["warn", "daily", "key:default", 100, 5],
    ],
  );
});

test("workers share a budget that its journal keeps over a restart", async () => {
  using journal = temporaryFile("journal");
  await using provider = await startFakeProvider();
  const routes = [{ path, upstream: [provider.url], ai: "openai-chat" }];
  const config = configFile({ routes, budgets: { limits: [{ ...daily, unit: "calls", limit: 5 }] } });
  const env = { WORKERS: "2", BUDGET_JOURNAL: `${journal.path}.log` };
  const statuses = async (url: string): Promise<readonly number[]> => {
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json", connection: "close" };
    const one = async (): Promise<number> => {
      const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(hello) });
      await response.text();
      return response.status;
    };
    return Promise.all(Array.from({ length: 10 }, one));
  };
  {
    await using gateway = await startGatewayProcess({ config, env });
    assert.deepEqual((await statuses(gateway.url)).filter((status) => status === 200).length, 5);
    gateway.child.kill("SIGTERM");
    assert.equal(await gateway.ended, 0);
  }
  await using again = await startGatewayProcess({ config, env });
  assert.deepEqual([...new Set(await statuses(again.url))], [429]);
});

test(
  "the primary of workers logs that the journal cannot be written",
  { skip: hasProgram("prlimit") ? false : "prlimit is not installed" },
  async () => {
    using journal = temporaryFile("journal");
    await using provider = await startFakeProvider();
    const routes = [{ path, upstream: [provider.url], ai: "openai-chat" }];
    const config = configFile({ routes, budgets: { limits: [daily] } });
    const env = { WORKERS: "2", BUDGET_JOURNAL: `${journal.path}.log` };
    await using gateway = await startGatewayProcess({ config, env });
    // From now on the primary makes no file longer, as on a full disk.
    execFileSync("sh", ["-c", 'prlimit --pid "$0" --fsize=1', String(gateway.child.pid)]);
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    const response = await fetch(gateway.url + path, { method: "POST", headers, body: JSON.stringify(hello) });
    assert.equal(response.status, 200);
    await response.text();
    await gateway.told("budget journal cannot be written");
    const [{ path: named, reason, worker } = {}] = gateway.lines("budget journal cannot be written");
    assert.deepEqual([named, worker], [env.BUDGET_JOURNAL, undefined]);
    assert.match(String(reason), /EFBIG/);
  },
);
