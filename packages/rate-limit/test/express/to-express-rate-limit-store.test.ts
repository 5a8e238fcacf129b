import assert from "node:assert/strict";
import { test } from "node:test";

import { listen } from "@aivillage/testing";
import { needsRedis, startRedis } from "@aivillage/testing";
import express from "express";
import { rateLimit, type Store as TheirStore } from "express-rate-limit";

import { MemoryStore, RedisStore, toExpressRateLimitStore } from "../../src/index.ts";
import { connectRedis } from "../redis/clients.ts";

type TheirOptions = NonNullable<Parameters<typeof rateLimit>[0]>;

async function serve(options: TheirOptions) {
  const app = express();
  app.use(rateLimit({ windowMs: 60_000, limit: 3, ...options }));
  app.get("/fail", (_req, res) => void res.status(500).end());
  app.get("/", (_req, res) => void res.end("ok"));
  const server = await listen(app);
  const get = async (path = "/") => {
    const { status, headers } = await fetch(server.url + path);
    return { status, headers };
  };
  const statuses = async (count: number): Promise<number[]> => {
    const all: number[] = [];
    for (let sent = 0; sent < count; sent += 1) all.push((await get()).status);
    return all;
  };
  return { get, statuses, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("express-rate-limit on our memory store admits the limit of any trailing window, not twice as much at an edge", async () => {
  let now = 59_000;
  const exact = new MemoryStore({ now: () => now });
  await using app = await serve({ store: toExpressRateLimitStore(exact) });
  assert.deepEqual(await app.statuses(4), [200, 200, 200, 429]);
  now = 61_000;
  assert.deepEqual(await app.statuses(2), [429, 429]);
  now = 59_000 + 61_875;
  assert.deepEqual(await app.statuses(4), [200, 200, 200, 429], "refused requests have not prolonged the wait");
});

test("its draft-7 and draft-8 headers carry our numbers", async () => {
  for (const [standardHeaders, expected] of [
    ["draft-7", /^limit=3, remaining=2, reset=6[012]$/],
    ["draft-8", /^"3-in-1min"; r=2; t=6[012]$/],
  ] as const) {
    await using app = await serve({ standardHeaders, store: toExpressRateLimitStore(new MemoryStore()) });
    assert.match((await app.get()).headers.get("ratelimit") ?? "", expected);
  }
});

test("skip, skipFailedRequests, resetKey and getKey work", async () => {
  const limiter = rateLimit({
    windowMs: 60_000,
    limit: 2,
    skipFailedRequests: true,
    skip: (req) => req.path === "/livez",
    store: toExpressRateLimitStore(new MemoryStore()),
  });
  const app = express().use(limiter);
  app.get("/fail", (_req, res) => void res.status(500).end());
  app.use((_req, res) => void res.end("ok"));
  await using server = await listen(app);
  const get = async (path: string): Promise<number> => (await fetch(server.url + path)).status;
  for (let sent = 0; sent < 5; sent += 1) assert.equal(await get("/fail"), 500);
  for (let sent = 0; sent < 5; sent += 1) assert.equal(await get("/livez"), 200);
  assert.deepEqual([await get("/"), await get("/"), await get("/")], [200, 200, 429]);
  assert.equal((await limiter.getKey("127.0.0.1"))?.totalHits, 2);
  limiter.resetKey("127.0.0.1");
  assert.equal(await limiter.getKey("127.0.0.1"), undefined);
  assert.equal(await get("/"), 200);
});

test("a limit that is a function is kept too; then refused requests count, as with its own stores", async () => {
  const store = toExpressRateLimitStore(new MemoryStore());
  await using app = await serve({ limit: () => 2, store });
  assert.deepEqual(await app.statuses(4), [200, 200, 429, 429]);
  assert.equal((await store.get("127.0.0.1"))?.totalHits, 4);
});

test("two of them share counts when they share a store and a name", async () => {
  const shared = new MemoryStore();
  const store = (policy: string): TheirStore => toExpressRateLimitStore(shared, { policy });
  await using first = await serve({ store: store("api") });
  await using second = await serve({ store: store("api") });
  await using third = await serve({ store: store("login") });
  assert.deepEqual(await first.statuses(2), [200, 200]);
  assert.deepEqual(await second.statuses(2), [200, 429]);
  assert.deepEqual(await third.statuses(4), [200, 200, 200, 429]);
  assert.throws(() => toExpressRateLimitStore(shared, { policy: "a b" }), /option `policy` must be 1 to 64 letters/);
  assert.throws(
    () => toExpressRateLimitStore(store("api") as never),
    /option `store` must be a store of this package, such as a MemoryStore/,
  );
});

test("express-rate-limit on our Redis store shares its counts", needsRedis, async () => {
  await using redis = await startRedis();
  await using connected = await connectRedis(redis.port);
  const stores = [1, 2].map(() => new RedisStore({ client: connected.client, deadlineMs: 5_000 }));
  await using first = await serve({ store: toExpressRateLimitStore(stores[0] as RedisStore) });
  await using second = await serve({ store: toExpressRateLimitStore(stores[1] as RedisStore) });
  const responses = await Promise.all(Array.from({ length: 20 }, (_, sent) => (sent % 2 === 0 ? first : second).get()));
  assert.equal(responses.filter(({ status }) => status === 200).length, 3);
  for (const store of stores) store.close();
});
