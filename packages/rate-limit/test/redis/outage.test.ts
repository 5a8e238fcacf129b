import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { eventually, needsRedis, type RunningRedis, startRedis } from "@aivillage/testing";

import { type Charge, type OutagePolicy, RedisStore, storeAvailabilityChanged, type StoreAvailabilityChanged } from "../../src/index.ts";
import { clients } from "./clients.ts";

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 20, windowMs: 60_000, cost: 1, ...members });

/** What became of one request. */
function ask(store: RedisStore, key: string): Promise<string> {
  return Promise.resolve()
    .then(() => store.decide([charge({ key })]))
    .then(
      ({ allowed }) => (allowed ? "allowed" : "refused"),
      ({ status }: { status: number }) => String(status),
    );
}

const takeAway: Readonly<Record<string, (redis: RunningRedis) => unknown>> = {
  killed: (redis) => redis.kill(),
  frozen: (redis) => redis.freeze(),
};
const bringBack: Readonly<Record<string, (redis: RunningRedis) => unknown>> = {
  killed: (redis) => redis.start(),
  frozen: (redis) => redis.thaw(),
};
/** Of 30 requests of one client, while nobody else counts: the limit is 20, two instances share it. */
const expected: Readonly<Record<OutagePolicy, Record<string, number>>> = {
  open: { allowed: 30 },
  closed: { 503: 30 },
  local: { allowed: 10, refused: 20 },
};

for (const [name, connect] of Object.entries(clients)) {
  for (const [how, go] of Object.entries(takeAway)) {
    test(`with ${name}: redis ${how}: each policy does what it says, and redis is used again when it is back`, needsRedis, async () => {
      await using redis = await startRedis();
      await using connected = await connect(redis.port);
      const received: StoreAvailabilityChanged[] = [];
      const unsubscribe = storeAvailabilityChanged.subscribe((message) => received.push(message));
      const stores = (["open", "closed", "local"] as const).map((outage) => {
        const store = new RedisStore({
          client: connected.client,
          prefix: outage,
          outage,
          instances: 2,
          probeEveryMs: 50,
          deadlineMs: 1_000,
        });
        return { outage, store };
      });
      try {
        for (const { store } of stores) assert.equal(await ask(store, "before"), "allowed");
        await go(redis);
        await Promise.all(stores.map(({ store, outage }) => askDuring(store, outage)));
        await bringBack[how]?.(redis);
        await eventually(() => stores.every(({ store }) => store.isAvailable), "the stores are used again");
        for (const { store, outage } of stores) {
          assert.equal(await ask(store, "after"), "allowed");
          assert.notDeepEqual(await redis.command("KEYS", `${outage}*`), [], "counted in redis again");
          assert.deepEqual(
            received
              .filter((message) => message.outage === outage)
              .map((message) => [message.store, message.available, typeof message.reason]),
            [
              ["redis", false, "string"],
              ["redis", true, "undefined"],
            ],
          );
        }
      } finally {
        unsubscribe();
        redis.thaw();
        for (const { store } of stores) store.close();
      }
    });
  }
}

/** Sends 15 requests at once and 15 one after the other; the outage is known then. */
async function askDuring(store: RedisStore, outage: OutagePolicy): Promise<void> {
  const responses = await Promise.all(Array.from({ length: 15 }, () => ask(store, "during")));
  for (let sent = 0; sent < 15; sent += 1) responses.push(await ask(store, "during"));
  const kinds = Object.entries(Object.groupBy(responses, (outcome) => outcome));
  assert.deepEqual(Object.fromEntries(kinds.map(([outcome, list]) => [outcome, list?.length])), expected[outage]);
  assert.equal(store.isAvailable, false);
  assert.equal(await settlesAtOnce(ask(store, "during")), true, "nobody waits while redis is known to be away");
}

/** Whether it settles without any timer or socket: within a few turns of the event loop. */
function settlesAtOnce(asked: Promise<unknown>): Promise<boolean> {
  const later = turn()
    .then(() => turn())
    .then(() => turn());
  const settled = asked.then(() => true);
  return Promise.race([settled, later.then(() => false)]);
}

/** What makes a Redis that responds take no writes, and what ends that. */
const refusals: readonly { kind: string; begin: readonly string[][]; end: readonly string[] }[] = [
  { kind: "READONLY", begin: [["REPLICAOF", "127.0.0.1", "1"]], end: ["REPLICAOF", "NO", "ONE"] },
  { kind: "OOM", begin: [["CONFIG", "SET", "maxmemory", "1"]], end: ["CONFIG", "SET", "maxmemory", "0"] },
];

for (const [name, connect] of Object.entries(clients)) {
  for (const { kind, begin, end } of refusals) {
    test(`with ${name}: a redis that refuses writes with ${kind} is down until it takes them again`, needsRedis, async () => {
      await using redis = await startRedis();
      await using connected = await connect(redis.port);
      const received: StoreAvailabilityChanged[] = [];
      const unsubscribe = storeAvailabilityChanged.subscribe((message) => received.push(message));
      using store = disposable(new RedisStore({ client: connected.client, probeEveryMs: 20, deadlineMs: 100, outage: "closed" }));
      try {
        assert.equal(await ask(store, "before"), "allowed");
        for (const command of begin) await redis.command(...command);
        await eventually(async () => {
          // A look at the penalties, as every process takes one each second, must not count as a sign of life.
          await Promise.resolve(store.penalties.read("", 1_000)).catch(() => undefined);
          return (await ask(store, "during")) === "503" && !store.isAvailable;
        }, "the outage is noticed");
        await new Promise((resolve) => setTimeout(resolve, 200));
        assert.deepEqual(
          received.map(({ available }) => available),
          [false],
          "ten probes have found no Redis that counts",
        );
        assert.match(received[0]?.reason ?? "", new RegExp(`^${kind}`));
        await redis.command(...end);
        await eventually(() => store.isAvailable, "the store is used again");
        assert.equal(await ask(store, "after"), "allowed");
      } finally {
        unsubscribe();
      }
    });
  }
}

function disposable<T extends { close(): void }>(value: T): T & Disposable {
  return Object.assign(value, { [Symbol.dispose]: () => value.close() });
}
