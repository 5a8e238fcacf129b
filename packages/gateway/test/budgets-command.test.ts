import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";

import { eventually, needsRedis, startRedis, temporaryFile } from "@aivillage/testing";
import { startFakeProvider } from "@aivillage/testing/fake-provider";

import { apiKey, startGatewayProcess } from "../bench/support/gateway-process.ts";
import { adminFiles, askAdmin } from "./admin-support.ts";
import { cli, type Ended } from "./cli-support.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const path = "/v1/chat/completions";
const hello = { model: "gpt-5", max_tokens: 20, messages: [{ role: "user", content: "Six tokens are in this" }] };
const limits = [
  { name: "calls", unit: "calls", limit: 2, period: "day" },
  { name: "shared", unit: "tokens", limit: 100_000, period: "month", by: "all" },
];

async function callAs(url: string, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", connection: "close" };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(hello) });
  await response.text();
  return response.status;
}

describe("budgets", () => {
  test("lists, shows, grants and resets, and says why it cannot", async () => {
    using files = await adminFiles();
    using journal = temporaryFile("budgets.journal");
    await using provider = await startFakeProvider();
    const routes = [{ path, upstream: [provider.url], ai: "openai-chat" }];
    const env = { ...files.env, BUDGET_JOURNAL: journal.path, CONFIG_FILE: configFile({ routes, budgets: { limits } }) };
    await using gateway = await startTestGateway(env);
    const keyFile = `${files.env.API_KEYS_FILE}.key`;
    writeFileSync(keyFile, files.adminKey);
    const budgets = (...args: string[]): Promise<Ended> => cli(["budgets", ...args], { env });
    assert.deepEqual(await budgets("list"), { code: 0, stdout: "No budget is in use.\n", stderr: "" });
    const none = await budgets("show", "key:ada");
    assert.deepEqual([none.code, none.stderr.includes('"key:ada" uses no budget now: see budgets list')], [1, true]);

    const statuses = async (): Promise<number[]> => [
      await callAs(gateway.url, files.clientKey),
      await callAs(gateway.url, files.clientKey),
    ];
    assert.deepEqual([...(await statuses()), await callAs(gateway.url, files.clientKey)], [200, 200, 429]);
    const listed = await budgets("list");
    assert.match(
      listed.stdout,
      /^BUDGET +KEY +UNIT +LIMIT +GRANTED +SPENT +HELD +LEFT +RESETS\ncalls +key:ada +calls +2 +0 +2 +0 +0 +\S+Z\n/,
    );
    assert.match(listed.stdout, /^shared +all +tokens +100000 +0 +34 +0 +99966 +/m);

    const share = async () => /^gateway_budget_used_ratio\{budget="calls"\} (.+)$/m.exec(await gateway.gateway.registry.metrics())?.[1];
    assert.equal(await share(), "1");
    const unnamed = await budgets("grant", "key:ada", "--once", "1", "--key-file", keyFile);
    assert.equal(unnamed.code, 0, unnamed.stderr);
    assert.match(unnamed.stdout, /^calls +key:ada +calls +3 +1 +2 +0 +1 /m);
    assert.equal(Number(await share()).toFixed(2), "0.67", "before the next call");
    assert.deepEqual(await statuses(), [200, 429]);
    const withoutKey = await budgets("reset", "key:ada");
    assert.deepEqual([withoutKey.code, withoutKey.stderr.includes("401: give --key-file FILE")], [1, true]);
    assert.equal((await budgets("reset", "key:ada", "--key-file", keyFile)).code, 0);
    assert.deepEqual(await statuses(), [200, 200]);

    const early = await budgets("grant", "key:new", "--once", "7", "--budget", "calls", "--key-file", keyFile, "--json");
    assert.equal((JSON.parse(early.stdout) as { budgets: { limit: number }[] }).budgets[0]?.limit, 9);
    for (const [args, expected] of [
      [["grant", "key:nobody", "--once", "1"], /404: "key:nobody" uses no budget now. Name the budget too/],
      [["grant", "key:ada", "--once", "1", "--budget", "other"], /422: `budget` must be one of calls, shared/],
      [["grant", "key:ada", "--once", "0.5"], /422: `amount` must be an amount of the unit, got 0.5/],
      [["grant", "key:ada", "--once", "much"], /--once must be a number, got "much"/],
    ] as const) {
      const { stderr } = await budgets(...args, "--key-file", keyFile);
      assert.match(stderr, expected);
    }
    const lines = gateway.log.filter(({ message, status }) => message === "admin action" && status === 200);
    assert.deepEqual(
      lines.map(({ action, result, change, of, budget, amount, principal }) => [action, result, change, of, budget, amount, principal]),
      [
        ["POST /budgets", "done", "grant", "key:ada", undefined, 1, "key:ops"],
        ["POST /budgets", "done", "reset", "key:ada", undefined, undefined, "key:ops"],
        ["POST /budgets", "done", "grant", "key:new", "calls", 7, "key:ops"],
      ],
    );
  });

  test("a body that is no change is refused", async () => {
    using files = await adminFiles();
    await using _ = await startTestGateway(files.env);
    const post = (body: unknown) => askAdmin(files.address, "/budgets", { method: "POST", key: files.adminKey, body });
    for (const body of [
      {},
      { action: "grant", key: "key:ada" },
      { action: "reset", key: "key:ada", amount: 1 },
      { action: "spend", key: "a" },
    ]) {
      assert.equal((await post(body)).status, 422, JSON.stringify(body));
    }
    const unknown = await post({ action: "reset", key: "key:ada", budget: "daily" });
    assert.deepEqual([unknown.status, /which has none/.test(unknown.json.detail)], [422, true]);
  });
});

/** Two workers whose budgets are in their primary, or in Redis. */
async function changesHoldForAllWorkers(more: Record<string, string>): Promise<void> {
  using files = await adminFiles();
  await using provider = await startFakeProvider();
  const routes = [{ path, upstream: [provider.url], ai: "openai-chat" }];
  const config = configFile({ routes, budgets: { limits: [limits[0]] } });
  await using gateway = await startGatewayProcess({ config, env: { ...files.env, WORKERS: "2", ...more } });
  const statuses = () => Promise.all(Array.from({ length: 8 }, () => callAs(gateway.url, apiKey)));
  const admitted = async (): Promise<number> => (await statuses()).filter((status) => status === 200).length;
  const post = (body: unknown) => askAdmin(files.address, "/budgets", { method: "POST", key: files.adminKey, body });
  const share = async () =>
    Number(/^gateway_budget_used_ratio\{budget="calls"\} (.+)$/m.exec(await (await fetch(`${gateway.url}/metrics`)).text())?.[1]);
  assert.equal(await admitted(), 2);
  const isSpent = async (): Promise<boolean> => (await admitted()) === 0 && (await share()) === 1;
  await eventually(isSpent, "a call has found the budget spent");
  const granted = await post({ action: "grant", key: "key:default", amount: 3 });
  assert.equal(granted.status, 200, JSON.stringify(granted.json));
  const { budgets } = granted.json;
  assert.deepEqual([budgets.length, budgets[0].limit, budgets[0].spent], [1, 5, 2]);
  assert.equal(await share(), 0.4, "of the metrics of all workers");
  assert.equal(await admitted(), 3);
  // A call that is still to be charged would be charged to what follows the reset.
  const spent = async (): Promise<number> => (await askAdmin(files.address, "/budgets?key=key:default")).json.budgets[0].spent;
  await eventually(async () => (await spent()) === 5, "all calls are charged");
  assert.equal((await post({ action: "reset", key: "key:default", budget: "calls" })).json.budgets[0].remaining, 2);
  assert.equal(await admitted(), 2);
  await eventually(async () => (await spent()) === 2, "the calls after the reset are charged");
}

test("a grant and a reset hold once for all workers of a primary", async () => {
  await changesHoldForAllWorkers({});
});

test("a grant and a reset hold once for all workers that share a Redis", needsRedis, async () => {
  await using redis = await startRedis();
  await changesHoldForAllWorkers({ REDIS_URL: `redis://127.0.0.1:${redis.port}` });
});
