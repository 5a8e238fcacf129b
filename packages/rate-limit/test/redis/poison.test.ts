import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, test } from "node:test";

import { needsRedis, type RunningRedis, startRedis, eventually } from "@aivillage/testing";

import {
  type Charge,
  Penalties,
  RedisStore,
  storeAvailabilityChanged,
  storeEntriesRepaired,
  type StoreEntriesRepaired,
} from "../../src/index.ts";
import { connectRedis } from "./clients.ts";

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 10, windowMs: 60_000, cost: 1, ...members });
const nameOf = ({ policy, key }: Charge): string => `rate-limit:{${hash("sha256", key, "base64url").slice(0, 22)}}:${policy}`;
const penaltiesName = "rate-limit:{penalties}";

/** A Redis, a store on it, and what the store says of it. */
async function startStore() {
  const redis = await startRedis();
  const connected = await connectRedis(redis.port);
  const store = new RedisStore({ client: connected.client, deadlineMs: 5_000, probeEveryMs: 10 });
  const outages: string[] = [];
  const repaired: StoreEntriesRepaired[] = [];
  const stops = [
    storeAvailabilityChanged.subscribe(({ reason }) => void outages.push(reason ?? "back")),
    storeEntriesRepaired.subscribe((message) => void repaired.push(message)),
  ];
  return {
    redis,
    store,
    outages,
    repaired,
    async [Symbol.asyncDispose]() {
      for (const stop of stops) stop();
      store.close();
      await connected[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

async function remaining(store: RedisStore, members?: Partial<Charge>): Promise<number | undefined> {
  return (await store.decide([charge(members)])).verdicts[0]?.remaining;
}

describe("an entry that somebody else wrote costs that entry and not the store", needsRedis, () => {
  const poisons: Record<string, (redis: RunningRedis, name: string, now: number) => Promise<unknown>> = {
    "a text for a count": (redis, name, now) => redis.command("HSET", name, String(now), "many"),
    "a text for a time": (redis, name) => redis.command("HSET", name, "soon", "5"),
    "a negative count": (redis, name, now) => redis.command("HSET", name, String(now), "-1000000"),
    "a fraction": (redis, name, now) => redis.command("HSET", name, String(now), "1.5"),
    "a hexadecimal number": (redis, name, now) => redis.command("HSET", name, String(now), "0x10"),
    "a leading zero": (redis, name, now) => redis.command("HSET", name, `0${now}`, "03"),
    "infinity and no number": (redis, name, now) => redis.command("HSET", name, "inf", "nan", String(now), "inf"),
    "a count beyond all limits": (redis, name, now) => redis.command("HSET", name, String(now), "9223372036854775807"),
    "an empty field": (redis, name) => redis.command("HSET", name, "", ""),
    "a string": (redis, name) => redis.command("SET", name, "7"),
    "a list": (redis, name) => redis.command("RPUSH", name, "7"),
    "a hash of 20,000 fields": (redis, name) =>
      redis.command("EVAL", "for i = 1, 20000 do redis.call('HSET', KEYS[1], i, 1) end", "1", name),
  };

  for (const [what, poison] of Object.entries(poisons)) {
    test(`${what} where a count should be`, async () => {
      await using started = await startStore();
      const { redis, store, outages, repaired } = started;
      assert.equal(await remaining(store, { key: "other" }), 9);
      await poison(redis, nameOf(charge()), Date.now());
      for (const left of [9, 8, 7]) assert.equal(await remaining(store), left);
      assert.equal(await remaining(store, { key: "other" }), 8);
      assert.deepEqual(
        repaired.map(({ store: where, kind, entries }) => [where, kind, entries > 0]),
        [["redis", "counts", true]],
        "it is repaired once",
      );
      assert.deepEqual(outages, []);
      assert.ok(Number(await redis.command("PTTL", nameOf(charge()))) > 0);
    });
  }

  test("a refund where a count should be", async () => {
    await using started = await startStore();
    const { redis, store, outages } = started;
    const decision = await store.decide([charge()]);
    for (const field of (await redis.command("HKEYS", nameOf(charge()))) as string[]) {
      await redis.command("HSET", nameOf(charge()), field, "many");
    }
    await store.refund([charge()], decision);
    await redis.command("DEL", nameOf(charge()));
    await redis.command("SET", nameOf(charge()), "text");
    await store.refund([charge()], decision);
    assert.equal(await remaining(store), 9);
    assert.deepEqual(outages, []);
  });

  test("a count far in the future lasts a window at most", async () => {
    await using started = await startStore();
    await started.redis.command("HSET", nameOf(charge()), "999999999999999", "4");
    const { verdicts } = await started.store.decide([charge({ limit: 4 })]);
    assert.equal(verdicts[0]?.exceeded, true);
    assert.ok((verdicts[0]?.resetMs ?? Infinity) <= 61_875);
  });

  test("fields of the penalties that are none, beside one that is", async () => {
    await using started = await startStore();
    const { redis, store, outages, repaired } = started;
    const ends = String(Date.now() + 60_000);
    const bad = ["k:a", "x", "k:b", `${ends} many input`, "k:c", "", "k:d", "-5 60000 input", "k:e", `${ends.repeat(9)} 60000 input`];
    await redis.command("HSET", penaltiesName, ...bad, "other", `${ends} 60000 input`, "k:villain", `${ends} 60000 input`, "version", "1");
    using penalties = asDisposable(new Penalties({ store }));
    await eventually(() => penalties.has("villain"), "the penalty is known");
    assert.deepEqual(
      penalties.list().map(({ key }) => key),
      ["villain"],
    );
    penalties.report("other-villain", 11);
    await eventually(async () => (await store.listPenalties()).penalties.length === 2, "Redis knows both");
    assert.deepEqual(await store.clearPenalties(["villain"]), ["villain"]);
    assert.deepEqual(
      repaired.map(({ kind, entries }) => [kind, entries]),
      [["penalties", 6]],
    );
    assert.deepEqual(outages, []);
  });

  test("an end in 3,000 years is the longest penalty, in every process and in Redis", async () => {
    await using started = await startStore();
    const { redis, store, outages } = started;
    const now = Date.now();
    const far = now + 3_000 * 365 * 86_400_000;
    await redis.command("HSET", penaltiesName, "k:far", `${far} 60000 two words`, "k:long", `${far} ${far} input`, "version", "1");
    using penalties = asDisposable(new Penalties({ store, maxDurationMs: 120_000 }));
    await eventually(() => penalties.has("far") && penalties.has("long"), "the penalties are known");
    for (const { remainingMs } of [...penalties.list(), ...(await store.listPenalties()).penalties]) assert.ok(remainingMs <= 120_000);
    const [, length, ...reason] = String(await redis.command("HGET", penaltiesName, "k:far")).split(" ");
    assert.deepEqual([length, reason], ["60000", ["two", "words"]]);
    assert.deepEqual(outages, []);
  });

  for (const type of ["SET", "RPUSH"]) {
    test(`penalties that are no hash, made by ${type}`, async () => {
      await using started = await startStore();
      const { redis, store, outages } = started;
      await redis.command(type, penaltiesName, "7");
      assert.deepEqual(await store.listPenalties(), { penalties: [], isComplete: true });
      await redis.command(type, penaltiesName, "7");
      using penalties = asDisposable(new Penalties({ store }));
      penalties.report("villain", 11);
      await eventually(async () => (await store.listPenalties()).penalties.length === 1, "Redis knows the penalty");
      await redis.command("DEL", penaltiesName);
      await redis.command(type, penaltiesName, "7");
      assert.deepEqual(await store.clearPenalties(["villain"]), []);
      assert.equal(await remaining(store), 9);
      assert.deepEqual(outages, []);
    });
  }
});

function asDisposable(penalties: Penalties): Penalties & Disposable {
  return Object.assign(penalties, { [Symbol.dispose]: () => penalties.close() });
}
