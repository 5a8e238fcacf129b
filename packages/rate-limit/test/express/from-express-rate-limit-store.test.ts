import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import { MemoryStore as TheirMemoryStore } from "express-rate-limit";

import { type Charge, type ExpressRateLimitStore, fromExpressRateLimitStore, rateLimit } from "../../src/index.ts";

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 5, windowMs: 60_000, cost: 1, ...members });

/** A store as the community writes them: nothing but what the contract asks for. */
function minimalStore(): ExpressRateLimitStore & { counts: Map<string, number>; windows: number[] } {
  const counts = new Map<string, number>();
  const windows: number[] = [];
  const add = (key: string, by: number): number => {
    counts.set(key, (counts.get(key) ?? 0) + by);
    return counts.get(key) ?? 0;
  };
  return {
    counts,
    windows,
    init: (options: { windowMs: number }) => void windows.push(options.windowMs),
    increment: async (key) => ({ totalHits: add(key, 1), resetTime: undefined }),
    decrement: async (key) => void add(key, -1),
    resetKey: async (key) => void counts.delete(key),
  };
}

test("the memory store of express-rate-limit limits our middleware", async () => {
  const theirs = new TheirMemoryStore();
  const limiter = rateLimit({ limit: 2, windowMs: 60_000, store: fromExpressRateLimitStore(theirs) });
  await using app = await listen(toListener(compose(limiter, (_req, res) => void res.end("ok"))));
  const responses = [await fetch(app.url), await fetch(app.url), await fetch(app.url)];
  assert.deepEqual(
    responses.map(({ status, headers }) => [status, headers.get("x-ratelimit-remaining")]),
    [
      [200, "1"],
      [200, "0"],
      [429, "0"],
    ],
  );
  const wait = Number(responses[2]?.headers.get("retry-after"));
  assert.ok(wait > 50 && wait <= 60, String(wait));
  assert.equal((await theirs.get("default:127.0.0.1"))?.totalHits, 2, "the refused request was taken back");
  theirs.shutdown();
});

test("init passes the window once, costs are counted one by one, and refunds and resets arrive", async () => {
  const theirs = minimalStore();
  const store = fromExpressRateLimitStore(theirs);
  const first = await store.decide([charge({ cost: 3 })]);
  assert.deepEqual(first.verdicts, [{ exceeded: false, remaining: 2, resetMs: 60_000 }]);
  assert.equal((await store.decide([charge({ cost: 3 })])).allowed, false);
  assert.equal((await store.decide([charge({ mode: "ask", cost: 2 })])).allowed, true);
  assert.equal((await store.decide([charge({ mode: "ask", cost: 3 })])).allowed, false);
  assert.equal((await store.decide([charge({ cost: 6 })])).verdicts[0]?.resetMs, Infinity);
  assert.equal(theirs.counts.get("ip:a"), 3);
  await store.refund([charge({ cost: 2 })], first);
  assert.equal(theirs.counts.get("ip:a"), 1);
  assert.equal((await store.decide([charge({ cost: 9, mode: "force" })])).verdicts[0]?.remaining, 0);
  await store.reset("ip", "a");
  await store.reset("unknown", "a");
  assert.equal(theirs.counts.has("ip:a"), false);
  assert.deepEqual(theirs.windows, [60_000]);
});

test("of concurrent requests never more than the limit pass, and all policies are charged or none", async () => {
  const theirs = minimalStore();
  const store = fromExpressRateLimitStore(theirs);
  const both = [charge({ limit: 50 }), charge({ policy: "user", limit: 30 })];
  const decisions = await Promise.all(Array.from({ length: 200 }, async () => store.decide(both)));
  assert.ok(decisions.filter(({ allowed }) => allowed).length <= 30);
  assert.equal(theirs.counts.get("ip:a"), theirs.counts.get("user:a"));
});

test("one store has one window; a function makes one for each", async () => {
  const store = fromExpressRateLimitStore(minimalStore());
  await store.decide([charge()]);
  await assert.rejects(
    async () => store.decide([charge({ policy: "day", windowMs: 1_000 })]),
    /one store of express-rate-limit has one window, not 60000 ms and 1000 ms; give a function that makes one for each/,
  );
  const made: number[] = [];
  const several = fromExpressRateLimitStore((windowMs) => {
    made.push(windowMs);
    return minimalStore();
  });
  for (let sent = 0; sent < 2; sent += 1) await several.decide([charge(), charge({ policy: "day", windowMs: 1_000 })]);
  assert.deepEqual(made, [60_000, 1_000]);
});

test("a store that fails is an error, and what is no store is named", async () => {
  const failing = { ...minimalStore(), increment: () => Promise.reject(new Error("no connection")) };
  await assert.rejects(async () => fromExpressRateLimitStore(failing).decide([charge()]), /no connection/);
  await assert.rejects(
    async () => fromExpressRateLimitStore(minimalStore()).decide([charge({ cost: 1_001, limit: 5_000 })]),
    /may cost 1000, not 1001/,
  );
  assert.throws(() => fromExpressRateLimitStore(new Map() as never), /option `store` must be a store of express-rate-limit or a function/);
});
