import assert from "node:assert/strict";
import { test } from "node:test";

import { compose, type Handler, toListener } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";

import { createLimiter, type Limiter, MemoryStore, rateLimit, refundRateLimit, settleRateLimit } from "../src/index.ts";

const ok: Handler = (_req, res) => void res.end("ok");

test("who waits as long as Retry-After says gets through", async () => {
  let now = 0;
  const store = new MemoryStore({ now: () => now });
  await using app = await listen(toListener(compose(rateLimit({ limit: 2, windowMs: 700, store }), ok)));
  for (let round = 0; round < 2; round += 1) {
    let refused = await fetch(app.url);
    while (refused.status === 200) refused = await fetch(app.url);
    const seconds = Number(refused.headers.get("retry-after"));
    assert.ok(seconds >= 1 && seconds <= 2, String(seconds));
    assert.equal(refused.headers.get("x-ratelimit-reset"), String(seconds));
    now += seconds * 1_000;
    assert.equal((await fetch(app.url)).status, 200);
  }
  store.close();
});

test("a request that is refused all the time does not wait any longer for that", async () => {
  let now = 0;
  const store = new MemoryStore({ now: () => now });
  await using app = await listen(toListener(compose(rateLimit({ limit: 1, windowMs: 300, store }), ok)));
  assert.equal((await fetch(app.url)).status, 200);
  while ((await fetch(app.url)).status === 429) now += 20;
  assert.ok(now > 300 && now <= 320, `after ${now} ms`);
  store.close();
});

/** A service that lets clients do by themselves what a limiter can do. */
function counting(limiter: Limiter<string>): Handler {
  return (req, res, next) => {
    const { pathname, searchParams } = new URL(req.url ?? "/", "http://localhost");
    const units = (name: string): number => Number(searchParams.get(name));
    const actions: Record<string, () => Promise<{ allowed: boolean; result: unknown }>> = {
      "/check": () => limiter.check("ann", units("cost")),
      "/consume": () => limiter.consume("ann", units("cost")),
      "/reserve": async () => {
        const reservation = await limiter.reserve("ann", units("cost"));
        if (searchParams.has("settle")) await reservation.settle(units("settle"));
        else await reservation.refund();
        return limiter.check("ann", 0);
      },
    };
    const respond = ({ allowed, result }: { allowed: boolean; result: unknown }): void =>
      void res.end(JSON.stringify([allowed, (result as { remaining: number }).remaining]));
    actions[pathname]?.().then(respond, next);
  };
}

test("check, consume, reserve, settle and refund do over HTTP what they say", async () => {
  const store = new MemoryStore();
  const limiter = createLimiter({ limit: 10, windowMs: 60_000, store });
  await using app = await listen(toListener(counting(limiter)));
  const steps: [path: string, answer: [boolean, number]][] = [
    ["/check?cost=10", [true, 10]],
    ["/check?cost=11", [false, 10]],
    ["/consume?cost=4", [true, 6]],
    ["/consume?cost=7", [false, 6]],
    ["/reserve?cost=6&settle=1", [true, 5]],
    ["/reserve?cost=5", [true, 5]],
    ["/reserve?cost=1&settle=5", [true, 0]],
    ["/check?cost=1", [false, 0]],
  ];
  for (const [path, response] of steps) assert.deepEqual(await (await fetch(app.url + path)).json(), response, path);
  store.close();
});

test("a dry run lets all pass and counts, so that the real limit knows at once", async () => {
  const store = new MemoryStore();
  const policies = [{ name: "ip", limit: 3, windowMs: 60_000 }];
  const trial = await listen(toListener(compose(rateLimit({ policies, store, dryRun: true }), ok)));
  for (let sent = 0; sent < 5; sent += 1) {
    const { status, headers } = await fetch(trial.url);
    assert.deepEqual([status, headers.get("ratelimit"), headers.get("retry-after")], [200, null, null]);
  }
  await trial[Symbol.asyncDispose]();
  await using real = await listen(toListener(compose(rateLimit({ policies, store }), ok)));
  assert.equal((await fetch(real.url)).status, 429);
  store.close();
});

test("what two limiters on the way have charged is settled and refunded together", async () => {
  const store = new MemoryStore();
  const charging = (name: string): Handler => rateLimit({ policies: [{ name, limit: 10, windowMs: 60_000, cost: 4 }], store });
  const settle: Handler = (req, res, next) => {
    const settled = req.url === "/failed" ? refundRateLimit(req) : settleRateLimit(req, { tokens: 1 });
    settled.then(() => res.end("ok"), next);
  };
  await using app = await listen(toListener(compose(charging("requests"), charging("tokens"), settle)));
  const limiter = createLimiter({ policies: ["requests", "tokens"].map((name) => ({ name, limit: 10, windowMs: 60_000 })), store });
  const left = async () => (await limiter.check("127.0.0.1", 0)).result?.policies.map(({ remaining }) => remaining);
  await fetch(app.url);
  assert.deepEqual(await left(), [6, 9]);
  await fetch(`${app.url}/failed`);
  assert.deepEqual(await left(), [6, 9]);
  await fetch(app.url);
  assert.equal((await fetch(app.url)).status, 429);
  assert.deepEqual(await left(), [2, 8]);
  store.close();
});
