import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { needsRedis, type RunningRedis, startRedis, waitUntil } from "@aivillage/testing";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const failures = ({ log }: TestGateway, level: string): unknown[] =>
  log.filter((line) => line.message === "redis connection failed" && line.level === level).map(({ reason }) => reason);

const startWith = ({ port }: RunningRedis, credentials: string): Promise<TestGateway> =>
  startTestGateway({ REDIS_URL: `redis://${credentials}127.0.0.1:${port}` });

describe("why Redis cannot be used is told without DEBUG", needsRedis, () => {
  test("a wrong password once, by its kind and without the password", async () => {
    await using redis = await startRedis();
    await redis.command("CONFIG", "SET", "requirepass", "the-right-one");
    await using gateway = await startWith(redis, ":the-wrong-one@");
    await waitUntil(() => failures(gateway, "debug").includes("WRONGPASS"), "it is refused again", 10_000);
    assert.deepEqual(failures(gateway, "warn"), ["WRONGPASS"]);
    assert.ok(!JSON.stringify(gateway.log).includes("the-wrong-one"));
  });

  test("a missing password by its kind", async () => {
    await using redis = await startRedis();
    await redis.command("CONFIG", "SET", "requirepass", "the-right-one");
    await using gateway = await startWith(redis, "");
    await waitUntil(() => failures(gateway, "warn").length > 0, "it is told", 10_000);
    assert.deepEqual(failures(gateway, "warn"), ["NOAUTH"]);
  });

  test("a Redis that goes away again is told again", async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using gateway = await startWith(redis, "");
    const refusals = (level: string): number => failures(gateway, level).filter((reason) => reason === "ECONNREFUSED").length;
    await waitUntil(() => refusals("debug") > 1, "it is refused again and again", 10_000);
    assert.equal(refusals("warn"), 1);
    await redis.start();
    await waitUntil(
      async () => String(await redis.command("CLIENT", "LIST")).split("resp=3").length > 2,
      "the gateway is there beside the one that asks",
      10_000,
    );
    await redis.kill();
    await waitUntil(() => refusals("warn") === 2, "it is told again", 10_000);
  });
});
