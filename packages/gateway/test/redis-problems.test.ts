import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, test } from "node:test";

import { needsRedis, type RunningRedis, startRedis, eventually } from "@aivillage/testing";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const failures = ({ log }: TestGateway, level: string): unknown[] =>
  log.filter((line) => line.message === "redis connection failed" && line.level === level).map(({ reason }) => reason);

const startWith = ({ port }: RunningRedis, credentials: string): Promise<TestGateway> =>
  startTestGateway({ REDIS_URL: `redis://${credentials}127.0.0.1:${port}` });

describe("the reason why Redis is unusable is logged without DEBUG", needsRedis, () => {
  test("a wrong password once, by its kind and without the password", async () => {
    await using redis = await startRedis();
    await redis.command("CONFIG", "SET", "requirepass", "the-right-one");
    await using gateway = await startWith(redis, ":the-wrong-one@");
    await eventually(() => failures(gateway, "debug").includes("WRONGPASS"), "it is refused again");
    // On a busy machine connecting may fail before, for a reason of its own.
    assert.equal(failures(gateway, "warn").filter((reason) => reason === "WRONGPASS").length, 1);
    assert.ok(!JSON.stringify(gateway.log).includes("the-wrong-one"));
  });

  test("a connection that ends before Redis has said a word by the error of the client", async () => {
    const notRedis = createServer((socket) => void socket.on("error", () => undefined).end()).listen(0, "127.0.0.1");
    await once(notRedis, "listening");
    try {
      const { port } = notRedis.address() as AddressInfo;
      await using gateway = await startTestGateway({ REDIS_URL: `redis://127.0.0.1:${port}` });
      await eventually(() => failures(gateway, "warn").includes("SocketClosedUnexpectedlyError"), "it is told");
      assert.ok(!failures(gateway, "warn").includes("Error"));
    } finally {
      notRedis.close();
    }
  });

  test("a missing password by its kind", async () => {
    await using redis = await startRedis();
    await redis.command("CONFIG", "SET", "requirepass", "the-right-one");
    await using gateway = await startWith(redis, "");
    await eventually(() => failures(gateway, "warn").includes("NOAUTH"), "it is told");
  });

  test("a second outage of Redis is reported again", async () => {
    await using redis = await startRedis();
    await redis.kill();
    await using gateway = await startWith(redis, "");
    const refusals = (level: string): number => failures(gateway, level).filter((reason) => reason === "ECONNREFUSED").length;
    await eventually(() => refusals("debug") > 1, "it is refused again and again");
    assert.equal(refusals("warn"), 1);
    await redis.start();
    await eventually(
      async () => String(await redis.command("CLIENT", "LIST")).split("resp=3").length > 2,
      "the gateway is there beside the one that asks",
    );
    await redis.kill();
    await eventually(() => refusals("warn") === 2, "it is told again");
  });
});
