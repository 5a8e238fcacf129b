import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { needsRedis, startRedis, eventually } from "@aivillage/testing";

import { startGatewayProcess } from "../bench/support/gateway-process.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const statusesOf = async (gateway: TestGateway, count: number): Promise<number[]> => {
  const responses = await Promise.all(Array.from({ length: count }, () => gateway.post("/v1/query", { query: "hello" })));
  await Promise.all(responses.map((response) => response.text()));
  return responses.map(({ status }) => status);
};

const passed = (statuses: readonly number[]): number => statuses.filter((status) => status === 200).length;

describe("limits shared through Redis", needsRedis, () => {
  test("of 300 concurrent requests to two gateway processes that have just started exactly the limit of 100 passes", async () => {
    await using redis = await startRedis();
    const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}`, RATE_LIMIT_REQUESTS: "100", RATE_LIMIT_WINDOW: "3600" };
    await using first = await startGatewayProcess({ env });
    await using second = await startGatewayProcess({ env });
    // Each has greeted it, beside the one that asks.
    await eventually(async () => String(await redis.command("CLIENT", "LIST")).split("resp=3").length > 3, "both know Redis");
    const responseOf = async (_: unknown, index: number): Promise<number> => {
      const response = await fetch(index % 2 === 0 ? first.url : second.url);
      await response.arrayBuffer();
      return response.status;
    };
    // A gateway whose Redis is late on a busy machine decides by itself: such a burst proves nothing, and the next one shall.
    const statuses = await eventually(async () => {
      await redis.command("FLUSHALL");
      const all = await Promise.all(Array.from({ length: 300 }, responseOf));
      assert.equal(passed(all), 100);
      return all;
    }, "exactly the limit passes");
    assert.equal(statuses.filter((status) => status === 429).length, 200);
  });

  test("a Redis that is killed is reported in log and metrics, each gateway counts on for itself, and the counts are shared again after", async () => {
    await using redis = await startRedis();
    await using gateway = await startTestGateway({ REDIS_URL: `redis://127.0.0.1:${redis.port}`, RATE_LIMIT_REQUESTS: "40" });
    await untilShared(gateway, redis);
    await redis.kill();
    const before = gateway.log.length;
    const since = (message: string): boolean => gateway.log.slice(before).some((line) => line.message === message);
    const statuses: number[] = [];
    while (!since("rate limit store is down")) statuses.push(...(await statusesOf(gateway, 2)));
    assert.ok(
      statuses.every((status) => status === 200 || status === 429),
      String(statuses),
    );
    assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /^gateway_rate_limit_store_up\{store="redis"\} 0$/m);
    await redis.start();
    await eventually(() => since("rate limit store is back"), "the store is back");
    await untilShared(gateway, redis);
  });

  test("without Redis at the start the gateway starts, counts for itself, and shares once Redis is there", async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using gateway = await startTestGateway({ REDIS_URL: `redis://127.0.0.1:${redis.port}`, RATE_LIMIT_REQUESTS: "5" });
    assert.equal(passed(await statusesOf(gateway, 8)), 5);
    await redis.start();
    await untilShared(gateway, redis);
  });
});

async function untilShared(gateway: TestGateway, redis: { command(...args: string[]): Promise<unknown> }): Promise<void> {
  await eventually(async () => {
    await redis.command("FLUSHALL");
    await statusesOf(gateway, 1);
    return Number(await redis.command("DBSIZE")) > 0;
  }, "the gateway counts in Redis");
}

test("a client that tries ten bad keys has a quarter of the limit, as log and metrics show", async () => {
  await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "40" });
  for (let guess = 0; guess < 11; guess += 1) await gateway.post("/v1/query", {}, { authorization: `Bearer guess-${guess}` });
  const refused = await fetch(`${gateway.url}/`);
  assert.equal(refused.headers.get("x-ratelimit-limit"), "10");
  assert.match(((await refused.json()) as { type: string }).type, /#abnormal-usage-detected$/);
  assert.equal(passed(await statusesOf(gateway, 20)), 20, "the holder of a key at that address has its own limit");
  assert.ok(
    gateway.log.some(({ message, to, reason }) => message === "penalty changed" && to === "suspicious" && reason === "authentication"),
  );
  assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /^gateway_rate_limit_penalties_total\{reason="authentication"\} 1$/m);
});

test("a client that has no key, or one without the scope, is not taken for one that guesses", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-keys-"));
  const file = join(folder, "keys.yaml");
  const sha256 = createHash("sha256").update("chat-only").digest("hex");
  writeFileSync(file, `keys: [{ id: chatter, sha256: ${sha256}, scopes: [chat] }]`);
  await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "40", API_KEYS_FILE: file });
  const refusals: number[] = [];
  for (let request = 0; request < 15; request += 1) {
    refusals.push((await fetch(`${gateway.url}/v1/query`, { method: "POST" })).status);
    refusals.push((await gateway.post("/v1/query", { query: "hello" }, { authorization: "Bearer chat-only" })).status);
  }
  assert.deepEqual([...new Set(refusals)], [401, 403]);
  assert.equal(passed(await statusesOf(gateway, 40)), 40);
  assert.ok(!gateway.log.some(({ message }) => message === "penalty changed"));
  rmSync(folder, { recursive: true });
});
