import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { eventually, needsRedis, startRedis } from "@aivillage/testing";

import {
  getRateLimit,
  MemoryStore,
  Penalties,
  type PenaltyChanged,
  penaltyChanged,
  rateLimit,
  type RateLimitHandler,
  type RateLimitOptions,
  RedisStore,
} from "../src/index.ts";
import { clients } from "./redis/clients.ts";

const options = { limit: 8, windowMs: 60_000, clientIp: () => "192.0.2.1" };

/** What is published about penalties until it is disposed of. */
function penaltyChanges(): Disposable & { readonly list: readonly PenaltyChanged[] } {
  const list: PenaltyChanged[] = [];
  return { list, [Symbol.dispose]: penaltyChanged.subscribe((message) => list.push(message)) };
}

/** Sends one request without a socket; gives the limit under which it was decided. */
async function limitOf(limiter: RateLimitHandler): Promise<number | undefined> {
  const req = { headers: {}, socket: {} } as unknown as IncomingMessage;
  await new Promise((resolve) => limiter(req, { setHeader: () => undefined } as never, resolve));
  return getRateLimit(req)?.limit;
}

test("penalties made outside are shared by limiters, live on when one is closed, and are closed by their maker", async () => {
  const penalties = new Penalties({ tolerance: 0 });
  const store = new MemoryStore();
  const [first, second] = [1, 2].map(() => rateLimit({ ...options, store, penalty: penalties })) as [RateLimitHandler, RateLimitHandler];
  first.penalize("192.0.2.1", 1, "login");
  first.close();
  assert.equal(await limitOf(second), 2);
  const third = rateLimit({ ...options, limit: 40, store, penalty: penalties });
  assert.equal(await limitOf(third), 10);
  assert.deepEqual(
    third.penalties().map(({ key }) => key),
    penalties.list().map(({ key }) => key),
  );
  assert.equal(penalties.has("192.0.2.1"), true);
  assert.equal(penalties.clear("192.0.2.1"), true);
  assert.equal(await limitOf(third), 40);
  penalties.close();
  store.close();
});

test("a penalty is cleared by the key or by the name that the log shows", () => {
  const penalties = new Penalties({ tolerance: 0 });
  using told = penaltyChanges();
  for (const client of ["ann", "bob"]) penalties.report(client);
  assert.equal(penalties.clear(told.list[1]?.client ?? ""), true);
  assert.deepEqual(
    penalties.list().map(({ key, client }) => [key, client === told.list[0]?.client]),
    [["ann", true]],
  );
  assert.equal(penalties.clear("nobody"), false);
  assert.deepEqual(
    told.list.map(({ to, reason }) => `${to} ${reason}`),
    ["suspicious reported", "suspicious reported", "none cleared"],
  );
  penalties.close();
});

test("options of penalties made outside are checked, and so is what is given in their place", () => {
  assert.throws(() => new Penalties({ divisor: 1 }), { name: "TypeError", message: /option `divisor` must be an integer from 2/ });
  assert.throws(() => new Penalties({ store: new MemoryStore() }), /option `store` must be a store that shares penalties, such as/);
  assert.throws(() => rateLimit({ ...options, penalty: 7 } as never), /option `penalty` must be an object, got 7/);
});

test("a client that is penalised on one machine is on the others, until cleared on any, and it is reported once", needsRedis, async () => {
  await using redis = await startRedis();
  await using first = await clients.redis(redis.port);
  await using second = await clients.ioredis(redis.port);
  const stores = [first, second].map(({ client }) => new RedisStore({ client, deadlineMs: 5_000 }));
  const machine = (store: RedisStore | undefined, penalty: RateLimitOptions["penalty"] = { tolerance: 3 }): RateLimitHandler =>
    rateLimit({ ...options, penalty, ...(store && { store }) });
  const [one, other] = [machine(stores[0]), machine(stores[1])];
  using told = penaltyChanges();
  one.penalize("192.0.2.1", 2);
  await redis.command("PING");
  other.penalize("192.0.2.1", 2, "input");
  await eventually(() => [one, other].every((limiter) => limiter.penalties().length === 1), "both know the penalty");
  assert.deepEqual([await limitOf(one), await limitOf(other)], [2, 2]);
  const late = machine(stores[0]);
  await eventually(() => late.penalties().length === 1, "a process that starts later knows it too");
  assert.deepEqual(
    [one, late].map((limiter) => limiter.penalties()[0]?.reason),
    ["input", "input"],
  );
  const remainingMs = late.penalties()[0]?.remainingMs ?? 0;
  assert.ok(remainingMs > 50_000 && remainingMs <= 60_000, String(remainingMs));
  assert.equal(one.clear("192.0.2.1"), true);
  await eventually(() => [other, late].every((limiter) => limiter.penalties().length === 0), "all know that it is cleared");
  assert.deepEqual(
    told.list.map(({ to, reason }) => `${to} ${reason}`),
    ["suspicious input", "none cleared"],
  );
  for (const limiter of [one, other, late]) limiter.close();
  for (const store of stores) store.close();
});

test("excess is summed up over machines, in few calls, and what is kept in Redis expires", needsRedis, async () => {
  await using redis = await startRedis();
  await using connected = await clients.redis(redis.port);
  const stores = [1, 2].map(() => new RedisStore({ client: connected.client, deadlineMs: 5_000 }));
  const machines = stores.map((store) => rateLimit({ ...options, store, penalty: { durationMs: 3_000, maxDurationMs: 3_000 } }));
  using told = penaltyChanges();
  // 8 pass; of 20 refused ones no machine alone sees more than twice the limit.
  await Promise.all(Array.from({ length: 28 }, (_, sent) => limitOf(machines[sent % 2] as RateLimitHandler)));
  await eventually(() => told.list.some(({ reason }) => reason === "excess"), "the excess is noticed");
  // The machine that notices it publishes the penalty first, and writes it then.
  const ttl = await eventually(async () => {
    const left = Number(await redis.command("PTTL", "rate-limit:{penalties}"));
    return left > 0 ? left : 0;
  }, "it is in Redis");
  assert.ok(ttl <= 9_000, String(ttl));
  await eventually(() => machines.every((machine) => machine.penalties().length === 0), "it ends everywhere");
  await eventually(async () => Number(await redis.command("EXISTS", "rate-limit:{penalties}")) === 0, "it is forgotten");
  for (const machine of machines) machine.close();
  for (const store of stores) store.close();
});

test("who was penalised or pardoned while the common place was away is everywhere once it is back", needsRedis, async () => {
  await using redis = await startRedis();
  await using first = await clients.redis(redis.port, { disableOfflineQueue: true });
  await using second = await clients.redis(redis.port, { disableOfflineQueue: true });
  const stores = [first, second].map(({ client }) => new RedisStore({ client }));
  const machines = stores.map((store) => new Penalties({ tolerance: 2, durationMs: 60_000, store }));
  const [one, other] = machines as [Penalties, Penalties];
  const knownTo = (penalties: Penalties): string =>
    penalties
      .list()
      .map(({ key }) => key)
      .toSorted()
      .join();
  one.report("before", 3);
  await eventually(() => knownTo(other) === "before", "both know who was there before");
  await redis.kill();
  one.report("meanwhile", 3);
  await eventually(() => knownTo(one) === "before,meanwhile", "the process counts for itself");
  assert.equal(one.clear("before"), true);
  await redis.start();
  other.report("after", 3);
  await eventually(() => machines.every((each) => knownTo(each) === "after,meanwhile"), "both know the same");
  const remainingMs = other.list().find(({ key }) => key === "meanwhile")?.remainingMs ?? 0;
  assert.ok(remainingMs > 10_000 && remainingMs < 60_000, String(remainingMs));
  for (const each of machines) each.close();
  for (const store of stores) store.close();
});

test("while the shared store is down, each process penalises for itself", needsRedis, async () => {
  await using redis = await startRedis();
  await using connected = await clients.ioredis(redis.port);
  const store = new RedisStore({ client: connected.client });
  const limiter = rateLimit({ ...options, store, penalty: { tolerance: 2 } });
  await limitOf(limiter);
  redis.freeze();
  try {
    await eventually(() => {
      void limitOf(limiter);
      return !store.isAvailable;
    }, "the outage is noticed");
    for (let reported = 0; reported < 3; reported += 1) limiter.penalize("192.0.2.1");
    assert.equal(limiter.penalties().length, 1);
    assert.equal(await limitOf(limiter), 2);
  } finally {
    redis.thaw();
    limiter.close();
    store.close();
  }
});
