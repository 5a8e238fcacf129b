import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, needsRedis, type RunningRedis, startRedis } from "@aivillage/testing";
import { createClient } from "redis";

import { type Charge, rateLimit, RedisStore } from "../../src/index.ts";
import { clients } from "./clients.ts";

const charge: Charge = { policy: "ip", key: "a", limit: 10, windowMs: 60_000, cost: 1 };

/** How often Redis was given a script by its digest, and whole. */
async function scriptCalls(redis: RunningRedis): Promise<{ evalsha: number; eval: number }> {
  const stats = String(await redis.command("INFO", "commandstats"));
  const calls = (name: string): number => Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, "m").exec(stats)?.[1] ?? 0);
  return { evalsha: calls("evalsha"), eval: calls("eval") };
}

for (const [name, connect] of Object.entries(clients)) {
  test(`with ${name}: once the counts are ready, the first request is one call of a script that Redis knows`, needsRedis, async () => {
    await using redis = await startRedis();
    await using connected = await connect(redis.port);
    const store = new RedisStore({ client: connected.client, deadlineMs: 5_000 });
    assert.equal(await store.ready(), true);
    await redis.command("CONFIG", "RESETSTAT");
    assert.equal((await store.decide([charge])).allowed, true);
    assert.deepEqual(await scriptCalls(redis), { evalsha: 1, eval: 0 });
    store.close();
  });

  test(`with ${name}: a limiter gives Redis its script when it is made`, needsRedis, async () => {
    await using redis = await startRedis();
    await using connected = await connect(redis.port);
    const store = new RedisStore({ client: connected.client });
    const limiter = rateLimit({ limit: 10, windowMs: 60_000, store });
    await eventually(async () => (await scriptCalls(redis)).eval === 1, "the script is there");
    limiter.close();
    store.close();
  });
}

test("counts that cannot be reached are not ready, which is no outage yet, and a limiter is made all the same", async () => {
  const client = createClient({ disableOfflineQueue: true });
  const store = new RedisStore({ client });
  assert.equal(await store.ready(), false);
  rateLimit({ limit: 10, windowMs: 60_000, store }).close();
  assert.equal(store.isAvailable, true);
  store.close();
});
