import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { eventually, needsRedis, startRedis } from "@aivillage/testing";

import { type OutagePolicy, RedisStore } from "../../src/index.ts";
import { clients } from "./clients.ts";

/** How long other programs have kept this process from running, as far as a timer of a millisecond can tell. */
class Halts implements Disposable {
  #sumMs = 0;
  #lastMs = performance.now();
  readonly #timer = setInterval(() => {
    this.#sumMs = this.sumMs;
    this.#lastMs = performance.now();
  }, 1);

  get sumMs(): number {
    return this.#sumMs + Math.max(0, performance.now() - this.#lastMs - 5);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

interface Waits {
  /** In milliseconds, shortest first. */
  readonly all: readonly number[];
  /** The longest, without the time in which this process was halted. */
  readonly longestUnhalted: number;
}

/** Asks 20 times every 5 ms for as long as told. */
async function load(store: RedisStore, durationMs: number): Promise<Waits> {
  using halts = new Halts();
  const waits: number[] = [];
  let longestUnhalted = 0;
  const ask = async (): Promise<void> => {
    const [start, haltedMs] = [performance.now(), halts.sumMs];
    try {
      await store.decide([{ policy: "ip", key: "a", limit: 1_000, windowMs: 60_000, cost: 1 }]);
    } catch {
      // Refused by the policy `closed`.
    }
    const waited = performance.now() - start;
    waits.push(waited);
    longestUnhalted = Math.max(longestUnhalted, waited - (halts.sumMs - haltedMs));
  };
  const asked: Promise<void>[] = [];
  for (const end = performance.now() + durationMs; performance.now() < end; await delay(5)) {
    for (let one = 0; one < 20; one += 1) asked.push(ask());
  }
  await Promise.all(asked);
  return { all: waits.toSorted((one, other) => one - other), longestUnhalted };
}

for (const [name, connect] of Object.entries(clients)) {
  for (const how of ["killed", "frozen"]) {
    for (const outage of ["open", "closed", "local"] satisfies OutagePolicy[]) {
      test(`with ${name}: redis ${how} under load, policy ${outage}`, needsRedis, async (context) => {
        await using redis = await startRedis();
        await using connected = await connect(redis.port);
        const store = new RedisStore({ client: connected.client, outage });
        await load(store, 500);
        assert.ok(store.isAvailable);
        setTimeout(() => (how === "killed" ? void redis.kill() : redis.freeze()), 100);
        const first = await load(store, 1_000);
        assert.equal(store.isAvailable, false);
        const later = await load(store, 2_000);
        const longest = Math.max(first.all.at(-1) ?? Infinity, later.all.at(-1) ?? Infinity);
        const unhalted = Math.max(first.longestUnhalted, later.longestUnhalted);
        const p99 = later.all[Math.floor(later.all.length * 0.99)] ?? Infinity;
        context.diagnostic(`longest wait ${longest.toFixed(1)} ms, ${unhalted.toFixed(1)} ms without halts of this process by others`);
        context.diagnostic(`p99 after the first second ${p99.toFixed(3)} ms`);
        assert.ok(unhalted < 100);
        assert.ok(p99 < 5);
        if (how === "killed") await redis.start();
        else redis.thaw();
        const back = performance.now();
        await eventually(() => store.isAvailable, "the store is used again");
        const backMs = performance.now() - back;
        context.diagnostic(`used again after ${backMs.toFixed(0)} ms`);
        assert.ok(backMs < 5_000);
        store.close();
      });
    }
  }
}
