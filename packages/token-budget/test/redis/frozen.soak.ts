import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, needsRedis, startRedis } from "@aivillage/testing";
import { Redis } from "ioredis";

import { RedisStore } from "../../src/index.ts";
import { hold } from "../stores/contract.ts";

const rounds = Number(process.env["ROUNDS"] ?? 100);
const deadlineMs = 50;

/** A gap between two ticks of a timer of 1 ms; what is longer is a delay of the event loop, by the work of others. */
const usualGapMs = 1.5;

/** How long something takes, without the delays of the event loop meanwhile. */
async function waitMs(wait: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let [last, delayed] = [start, 0];
  const look = (): void => {
    const now = performance.now();
    delayed += Math.max(0, now - last - usualGapMs);
    last = now;
  };
  const timer = setInterval(look, 1);
  await wait();
  clearInterval(timer);
  look();
  return performance.now() - start - delayed;
}

test("a call waits no longer than the deadline for a Redis that is frozen", needsRedis, async (t) => {
  await using redis = await startRedis();
  const client = new Redis({ host: "127.0.0.1", port: redis.port });
  const store = new RedisStore({ client, deadlineMs });
  const waits: number[] = [];
  const ask = async (call: string): Promise<boolean> => {
    try {
      return (await store.hold(call, [hold(0)], 60_000)).allowed;
    } catch {
      return false;
    }
  };
  try {
    await store.ready();
    for (let round = 0; round < rounds; round += 1) {
      await eventually(async () => ask(`before ${round}`), "the store responds");
      redis.freeze();
      waits.push(await waitMs(async () => assert.equal(await ask(`during ${round}`), false)));
      redis.thaw();
      await client.ping();
    }
  } finally {
    redis.thaw();
    store.close();
    client.disconnect();
  }
  const sorted = waits.toSorted((one, other) => one - other).map((ms) => Math.round(ms * 10) / 10);
  t.diagnostic(`added wait in ms: median ${sorted[Math.floor(rounds / 2)]}, most ${sorted.at(-1)}`);
  assert.ok(Math.max(...waits) <= deadlineMs, `${sorted.slice(-5).join(", ")} ms`);
});
