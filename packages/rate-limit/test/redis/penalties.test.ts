import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, test } from "node:test";

import { eventually, needsRedis, type RunningRedis, startRedis } from "@aivillage/testing";

import { Penalties, RedisStore, type RedisStoreOptions } from "../../src/index.ts";
import { type Connected, clients, clusterClients } from "./clients.ts";
import { startCluster } from "./start-cluster.ts";

const patient = { deadlineMs: 5_000 };

/** Penalises clients for a reason as a process would, which then ends. */
async function penalise(store: RedisStore, keys: readonly string[], reason: string, durationMs = 60_000): Promise<void> {
  const penalties = new Penalties({ store, tolerance: 0, durationMs });
  for (const key of keys) penalties.report(key, 1, reason);
  await eventually(() => keys.every((key) => penalties.has(key)), "all are penalised");
  penalties.close();
}

const keysOf = async (store: RedisStore): Promise<string[]> => (await store.listPenalties()).penalties.map(({ key }) => key).toSorted();

/** What operators do, with one prefix for each client. */
async function lookAndLift(prefix: string, { client }: Connected, options: Partial<RedisStoreOptions>): Promise<void> {
  const store = new RedisStore({ client, prefix, ...patient, ...options });
  assert.deepEqual(await store.listPenalties(), { penalties: [], isComplete: true });
  await penalise(store, ["192.0.2.1", "2001:db8::/56"], "two words");
  await penalise(store, ["192.0.2.3"], "input", 2_000);
  await eventually(async () => (await keysOf(store)).length === 2, "one has ended, and is remembered");
  const { penalties, isComplete } = await store.listPenalties();
  assert.equal(isComplete, true);
  for (const { key, client: name, reason, remainingMs } of penalties) {
    assert.deepEqual([name, reason], [hash("sha256", key).slice(0, 16), "two words"]);
    assert.ok(remainingMs > 50_000 && remainingMs <= 60_000, String(remainingMs));
  }
  assert.deepEqual(await store.clearPenalties(["192.0.2.9", "2001:db8::/56", "192.0.2.3", "version"]), ["2001:db8::/56"]);
  assert.deepEqual(await keysOf(store), ["192.0.2.1"]);
  store.close();
}

const withAll = (connect: Record<string, (port: number) => Promise<Connected>>, port: number, options: Partial<RedisStoreOptions>) =>
  Promise.all(
    Object.entries(connect).map(async ([prefix, toClient]) => {
      await using connected = await toClient(port);
      await lookAndLift(prefix, connected, options);
    }),
  );

/** Writes penalties as many processes together would; the name of the hash is part of what they have agreed on. */
async function write(redis: RunningRedis, from: number, to: number): Promise<void> {
  const source = "for i = ARGV[1], ARGV[2] do redis.call('HSET', KEYS[1], 'k:client-' .. i, ARGV[3] .. ' 60000 input') end";
  await redis.command("EVAL", source, "1", "rate-limit:{penalties}", String(from), String(to), String(Date.now() + 60_000));
}

describe("penalties in Redis, for operators", { ...needsRedis, concurrency: true }, () => {
  test("penalties that processes share are listed and cleared with either client", async () => {
    await using redis = await startRedis();
    await withAll(clients, redis.port, {});
  });

  test("the same on a cluster", async () => {
    await using redis = await startCluster();
    await withAll(clusterClients, redis.port, { cluster: true });
  });

  test("when a clear resolves, every process has taken it over, and a new offence counts as the first one", async () => {
    await using redis = await startRedis();
    await using first = await clients.redis(redis.port);
    await using second = await clients.ioredis(redis.port);
    await using third = await clients.redis(redis.port);
    const stores = [first, second, third].map(({ client }) => new RedisStore({ client, ...patient }));
    const [imposer, other] = stores.map((store) => new Penalties({ store, tolerance: 0 })) as [Penalties, Penalties];
    imposer.report("192.0.2.1");
    await eventually(() => imposer.has("192.0.2.1") && other.has("192.0.2.1"), "both know it");
    assert.deepEqual(await stores[2]?.clearPenalties(["192.0.2.1"]), ["192.0.2.1"]);
    assert.deepEqual([imposer.has("192.0.2.1"), other.has("192.0.2.1")], [false, false]);
    other.report("192.0.2.1");
    await eventually(() => other.has("192.0.2.1"), "a new offence is penalised");
    const remainingMs = other.list()[0]?.remainingMs ?? 0;
    assert.ok(remainingMs <= 60_000, `as long as the first one, not twice: ${remainingMs}`);
    for (const penalties of [imposer, other]) penalties.close();
    for (const store of stores) store.close();
  });

  test("at most 10,000 are listed, each once, and an event reports when there are more; Redis is asked for a page at a time", async () => {
    await using redis = await startRedis();
    await using connected = await clients.redis(redis.port);
    const store = new RedisStore({ client: connected.client });
    await write(redis, 1, 10_000);
    const all = await store.listPenalties();
    assert.equal(all.isComplete, true);
    assert.equal(new Set(all.penalties.map(({ key }) => key)).size, 10_000);
    await write(redis, 10_001, 10_500);
    const first = await store.listPenalties();
    assert.equal(first.isComplete, false);
    assert.equal(new Set(first.penalties.map(({ key }) => key)).size, 10_000);
    const calls = String(await redis.command("INFO", "commandstats"));
    assert.ok(Number(/cmdstat_hscan:calls=(\d+)/.exec(calls)?.[1]) >= 20, calls);
    assert.doesNotMatch(calls, /cmdstat_(keys|hgetall|scan):/);
    store.close();
  });

  test("when Redis cannot be asked, it is as the client says", async () => {
    await using redis = await startRedis();
    const connected = await clients.redis(redis.port);
    const store = new RedisStore({ client: connected.client });
    await connected[Symbol.asyncDispose]();
    await assert.rejects(store.listPenalties(), { message: "The client is closed" });
    await assert.rejects(store.clearPenalties(["192.0.2.1"]), { message: "The client is closed" });
    store.close();
  });
});
