import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { eventually, forEachHost, freePort, needsRedis, startRedis } from "@aivillage/testing";
import { Redis } from "ioredis";

import { type HoldResult, MemoryStore, RedisStore } from "../src/index.ts";
import { call, monthly, respondWith, serveBudget } from "./app.ts";

const sse = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;

/** A store in Redis that counts how often calls hold. */
class CountingRedisStore extends RedisStore {
  holds = 0;

  override hold(...args: Parameters<RedisStore["hold"]>): ReturnType<RedisStore["hold"]> {
    this.holds += 1;
    return super.hold(...args);
  }
}

/** A store that throws as soon as calls run, as one on a local database may when that is busy. */
class ThrowingStore extends MemoryStore {
  isBusy = false;
  thrown = 0;

  override hold(...args: Parameters<MemoryStore["hold"]>): ReturnType<MemoryStore["hold"]> {
    if (this.isBusy) throw this.#busy();
    return super.hold(...args);
  }

  override settle(): never {
    throw this.#busy();
  }

  #busy(): Error {
    this.thrown += 1;
    return new Error("the database is busy");
  }
}

/** A store that decides about running calls when the test says so, as one on a busy disk. */
class SlowStore extends MemoryStore {
  readonly #waiting: (() => void)[] = [];
  #calls = 0;

  override async hold(...args: Parameters<MemoryStore["hold"]>): Promise<HoldResult> {
    this.#calls += 1;
    if (this.#calls > 1) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return super.hold(...args);
  }

  decide(): boolean {
    const waiting = this.#waiting.splice(0);
    for (const resolve of waiting) resolve();
    return waiting.length > 0;
  }
}

/** A store that counts how often calls hold. */
class CountingStore extends MemoryStore {
  holds = 0;

  override hold(...args: Parameters<MemoryStore["hold"]>): ReturnType<MemoryStore["hold"]> {
    this.holds += 1;
    return super.hold(...args);
  }
}

forEachHost((host) => {
  test("tokens that come all at once do not end a stream that its budget covers", async (t) => {
    const words = (count: number): string => sse({ choices: [{ index: 0, delta: { content: " word" } }] }).repeat(count);
    const app = await serveBudget(t, host, { unknownMax: { reserve: 100, block: 20 } }, (res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      res.write(words(300));
      res.end(`${words(50)}data: [DONE]\n\n`);
    });
    const text = await (await call(app.url, { stream: true })).text();
    assert.ok(text.endsWith("data: [DONE]\n\n"), text.slice(-300));
  });

  test("a stream waits for a store that is slow, and goes on when it has decided", async (t) => {
    const store = new SlowStore();
    t.after(() => store.close());
    let written = 0;
    const app = await serveBudget(t, host, { store, unknownMax: { reserve: 100, block: 20 } }, async (res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      for (; written < 300; written += 10) {
        if (!res.write(sse({ choices: [{ index: 0, delta: { content: " word".repeat(10) } }] }))) await once(res, "drain");
      }
      res.end("data: [DONE]\n\n");
    });
    const text = call(app.url, { stream: true }).then((response) => response.text());
    let [before, decided, mostWaiting] = [0, 0, 0];
    await eventually(() => {
      if (store.decide()) {
        mostWaiting = Math.max(mostWaiting, written - before);
        before = written;
        decided += 1;
      }
      return written === 300;
    }, "all words are written");
    assert.ok((await text).endsWith("data: [DONE]\n\n"), (await text).slice(-300));
    assert.ok(decided > 5 && mostWaiting <= 120, `${decided} decisions, at most ${mostWaiting} words before one`);
  });

  test("a stream that does not wait for a slow store ends", async (t) => {
    const store = new SlowStore();
    t.after(() => store.close());
    const app = await serveBudget(t, host, { store, unknownMax: { reserve: 100, block: 20 } }, (res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      for (let word = 0; word < 300; word += 1) res.write(sse({ choices: [{ index: 0, delta: { content: " word" } }] }));
    });
    const text = await (await call(app.url, { stream: true })).text();
    assert.match(text, /^data: \{"error":.*insufficient_quota.*\n\n$/m);
    assert.doesNotMatch(text, /DONE/);
    assert.ok((text.match(/ word/g)?.length ?? 0) <= 125, `${text.match(/ word/g)?.length} words`);
    store.decide();
  });

  test("a call that lasts longer than its lease holds to its end", async (t) => {
    const store = new CountingStore();
    t.after(() => store.close());
    const waiting: ServerResponse[] = [];
    const app = await serveBudget(t, host, { store, leaseMs: 1_000 }, (res) => waiting.push(res));
    const response = call(app.url, { max_tokens: 500 });
    await eventually(() => store.holds > 5, "it was renewed for longer than its lease");
    assert.ok((store.list()[0]?.held ?? 0) > 500);
    for (const res of waiting) respondWith(10, 20)(res);
    assert.equal((await response).status, 200);
    await eventually(() => store.list()[0]?.held === 0 && store.list()[0]?.spent === 30, "it is settled");
  });

  test("a store that throws while calls run ends neither them nor the process, and refuses new ones", async (t) => {
    const store = new ThrowingStore();
    t.after(() => store.close());
    const waiting: ServerResponse[] = [];
    const app = await serveBudget(t, host, { store, leaseMs: 1_000 }, (res) => waiting.push(res));
    const response = call(app.url, { max_tokens: 500 });
    await eventually(() => waiting.length === 1, "the call runs");
    store.isBusy = true;
    await eventually(() => store.thrown > 1, "it could not be renewed");
    assert.equal((await call(app.url, { max_tokens: 10 })).status, 503);
    const before = store.thrown;
    store.isBusy = false;
    for (const res of waiting) respondWith(10, 20)(res);
    assert.equal((await response).status, 200);
    await eventually(() => store.thrown > before, "it could not be settled");
    assert.equal((await call(app.url, { max_tokens: 2_000 })).status, 429);
  });

  test("a stream that runs while Redis is silent goes on, and is charged afterwards", needsRedis, async (t) => {
    await using redis = await startRedis();
    const client = new Redis({ host: "127.0.0.1", port: redis.port });
    client.on("error", () => undefined);
    const store = new CountingRedisStore({ client, probeEveryMs: 50 });
    t.after(() => {
      store.close();
      client.disconnect();
      redis.thaw();
    });
    await eventually(() => store.ready(), "Redis has the scripts");
    const running: ServerResponse[] = [];
    const app = await serveBudget(t, host, { store, leaseMs: 1_000 }, (res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" }).write(sse({ choices: [{ index: 0, delta: { content: "hi" } }] }));
      running.push(res);
    });
    const response = await call(app.url, { max_tokens: 500, stream: true });
    redis.freeze();
    await eventually(() => !store.isAvailable, "the store counts as unavailable");
    const before = store.holds;
    await eventually(() => store.holds > before + 2 || running[0]?.closed === true, "it could not be renewed");
    redis.thaw();
    await eventually(() => store.isAvailable, "the store is back");
    const usage = { prompt_tokens: 10, completion_tokens: 20 };
    for (const res of running) {
      res.write(sse({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage }));
      res.end("data: [DONE]\n\n");
    }
    const text = await response.text();
    assert.ok(text.endsWith("data: [DONE]\n\n") && !text.includes("insufficient_quota"), text);
    await eventually(async () => (await store.list())[0]?.spent === 30, "it is charged", { state: () => store.undelivered });
  });

  test("while the store is unavailable, a closed budget refuses with 503 and an open one does not", async (t) => {
    const client = new Redis({ port: await freePort(), retryStrategy: () => 20, maxRetriesPerRequest: 0 });
    client.on("error", () => undefined);
    const store = new RedisStore({ client, probeEveryMs: 50 });
    t.after(() => {
      store.close();
      client.disconnect();
    });
    const closed = await serveBudget(t, host, { store }, respondWith(1, 1));
    const open = await serveBudget(t, host, { store, budgets: [{ ...monthly, outage: "open" }] }, respondWith(1, 1));
    for (let asked = 0; asked < 5; asked += 1) {
      const response = await call(closed.url, { max_tokens: 10 });
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("retry-after"), "1");
      assert.equal(((await response.json()) as { error: { code: string } }).error.code, "budget-unavailable");
      assert.equal((await call(open.url, { max_tokens: 10 })).status, 200);
    }
    await eventually(() => !store.isAvailable, "it counts as unavailable");
    assert.equal((await call(closed.url, { max_tokens: 10 })).status, 503);
    await assert.rejects(closed.budget.standing({ headers: { "x-user": "ann" } } as never));
  });
});
