// Needs its own process: measures the memory of the process.
import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

import { createLimiter, type LimiterOptions, MemoryStore, rateLimit, settleRateLimit } from "../src/index.ts";

const window = { windowMs: 1_000 };

test("a subject consumes until its limit, a check charges nothing and says what consume will say", async () => {
  const store = new MemoryStore({ now: () => 0 });
  const limiter = createLimiter({ limit: 5, ...window, store });
  assert.equal((await limiter.consume("job", 3)).result?.remaining, 2);
  for (let asked = 0; asked < 3; asked += 1) {
    assert.equal((await limiter.check("job", 2)).allowed, true);
    const { allowed, result } = await limiter.check("job", 3);
    assert.deepEqual([allowed, result?.remaining, result?.retryAfterMs], [false, 2, 1_032]);
  }
  assert.equal((await limiter.consume("job", 3)).allowed, false);
  assert.equal((await limiter.consume("job", 2)).allowed, true);
  assert.equal((await limiter.consume("other")).result?.remaining, 4);
  limiter.close();
});

test("a reservation is settled once: less gives back, more is charged even where it does not fit", async () => {
  const store = new MemoryStore({ now: () => 0 });
  const limiter = createLimiter({ limit: 10, ...window, store });
  const left = async (): Promise<number | undefined> => (await limiter.check("a", 0)).result?.remaining;
  const less = await limiter.reserve("a", 8);
  await less.settle(3);
  await less.settle(0);
  await less.refund();
  assert.equal(await left(), 7);
  const more = await limiter.reserve("a", 5);
  await more.settle(9);
  assert.equal(await left(), 0);
  const { result } = await limiter.check("a", 1);
  assert.equal(result?.retryAfterMs, 1_032);
  const refused = await limiter.reserve("a", 1);
  assert.equal(refused.allowed, false);
  await refused.refund();
  await refused.settle(5);
  assert.equal(await left(), 0);
});

test("policies are settled together or each by its name", async () => {
  const store = new MemoryStore({ now: () => 0 });
  const policies = [
    { name: "calls", limit: 10, ...window },
    { name: "tokens", limit: 1_000, ...window, cost: 400 },
  ];
  const limiter = createLimiter({ policies, store });
  const left = async () => (await limiter.check("a", 0)).result?.policies.map(({ remaining }) => remaining);
  const reservation = await limiter.reserve("a");
  assert.deepEqual(await left(), [9, 600]);
  await reservation.settle({ tokens: 150, other: 9 });
  assert.deepEqual(await left(), [9, 850]);
  await (await limiter.reserve("a")).refund();
  assert.deepEqual(await left(), [9, 850]);
  const bad = await limiter.reserve("a");
  await assert.rejects(bad.settle({ tokens: -1 }), /the actual cost for policy "tokens" must be an integer from 0 to \d+, got -1/);
  await bad.settle(0);
  assert.deepEqual(await left(), [9, 850], "a bad cost does not use up the settlement");
});

test("anything can be a subject if policies have keys, and no policy means no limit", async () => {
  const limiter = createLimiter<{ user?: string; size: number }>({
    policies: [{ name: "user", limit: 5, ...window, key: ({ user }) => user, cost: ({ size }) => size }],
  });
  assert.equal((await limiter.consume({ user: "ann", size: 4 })).allowed, true);
  assert.equal((await limiter.consume({ user: "ann", size: 2 })).allowed, false);
  const unlimited = await limiter.reserve({ size: 50 });
  assert.deepEqual([unlimited.allowed, unlimited.result], [true, undefined]);
  await unlimited.settle(7);
  limiter.close();
});

test("bad input is an error that says what was expected", async () => {
  assert.throws(() => createLimiter({ limit: 5 }), /option `windowMs` must be/);
  assert.throws(() => createLimiter({ limit: 5, windowMs: 1_000, headers: true } as LimiterOptions), /unknown option `headers`/);
  const limiter = createLimiter({ limit: 5, ...window });
  await assert.rejects(limiter.consume("a", -1), /`cost` must be an integer from 0 to \d+, got -1/);
  await assert.rejects(limiter.consume(7 as never), /a subject must be a string, or every policy must have a `key`; got number/);
  limiter.close();
});

test("with one store it shares the counts of the middleware, which settles too", async () => {
  const store = new MemoryStore({ now: () => 0 });
  const limiter = createLimiter({ policies: [{ name: "tokens", limit: 100, ...window }], store });
  const policies = [{ name: "tokens", limit: 100, ...window, key: () => "ann", cost: 50 }];
  const settle: Handler = (req, res, next) => void settleRateLimit(req, 7).then(() => res.end("ok"), next);
  await using app = await listen(toListener(compose(rateLimit({ policies, store }), settle)));
  for (let sent = 0; sent < 3; sent += 1) assert.equal((await fetch(app.url)).status, 200);
  assert.equal((await limiter.check("ann", 0)).result?.remaining, 79);
});

test("the memory of every policy is reserved before the first subject comes", async (t) => {
  const reserved = (): number => process.memoryUsage().arrayBuffers;
  const before = reserved();
  const limiter = createLimiter({
    policies: [
      { name: "second", limit: 10, windowMs: 1_000 },
      { name: "minute", limit: 100, windowMs: 60_000 },
    ],
  });
  t.after(() => limiter.close());
  const ready = reserved();
  await limiter.consume("a");
  assert.ok(ready - before > 2 * 8_000_000, `only ${ready - before} bytes`);
  assert.ok(reserved() - ready < 1_000_000, `${reserved() - ready} more bytes for the first`);
});
