import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { eventually, needsRedis, type RunningRedis, startRedis, temporaryFile } from "@aivillage/testing";
import { Redis } from "ioredis";
import { createClient } from "redis";

import {
  budgetStoreAvailabilityChanged,
  type BudgetStoreAvailabilityChanged,
  type OutagePolicy,
  type RedisClient,
  RedisStore,
} from "../../src/index.ts";
import { account } from "../stores/account.ts";
import { charge, hold } from "../stores/contract.ts";

const clients: Readonly<Record<string, (port: number) => Promise<{ client: RedisClient; close: () => void }>>> = {
  async redis(port) {
    const client = createClient({ socket: { host: "127.0.0.1", port } });
    client.on("error", () => undefined);
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async ioredis(port) {
    const client = new Redis({ host: "127.0.0.1", port });
    client.on("error", () => undefined);
    return { client, close: () => client.disconnect() };
  },
};
const outages: Readonly<Record<string, readonly [(redis: RunningRedis) => unknown, (redis: RunningRedis) => unknown]>> = {
  frozen: [(redis) => redis.freeze(), (redis) => redis.thaw()],
  killed: [(redis) => redis.kill(), (redis) => redis.start()],
};
const longMs = 600_000;

function folderFor(t: TestContext): string {
  const file = temporaryFile("dump");
  t.after(() => file[Symbol.dispose]());
  return file.folder;
}

for (const [name, connect] of Object.entries(clients)) {
  for (const [how, [takeAway, bringBack]] of Object.entries(outages)) {
    test(`with ${name}: Redis ${how}: policies decide, and no charge is lost or doubled`, needsRedis, async (t) => {
      await using redis = await startRedis("--appendonly", "yes", "--appendfsync", "always", "--dir", folderFor(t));
      const { client, close } = await connect(redis.port);
      const received: BudgetStoreAvailabilityChanged[] = [];
      const unsubscribe = budgetStoreAvailabilityChanged.subscribe((message) => received.push(message));
      const store = new RedisStore({ client, deadlineMs: 1_000, probeEveryMs: 50, instances: 2 });
      const ask = async (call: string, outage: OutagePolicy, amount: number): Promise<string> => {
        try {
          const { allowed } = await store.hold(call, [{ ...hold(amount), outage, budget: outage }], longMs);
          return allowed ? "allowed" : "refused";
        } catch (error) {
          return (error as Error).message;
        }
      };
      const settle = (call: string, outage: OutagePolicy, used: number) => store.settle(call, [{ ...charge(used), budget: outage }]);
      try {
        for (const outage of ["closed", "open", "local"] as const) assert.equal(await ask(`${outage} before`, outage, 40), "allowed");
        await takeAway(redis);
        const unavailable = "the store of the budgets is unavailable";
        assert.equal(await ask("closed during", "closed", 10), unavailable);
        assert.equal(await ask("open during", "open", 500), "allowed");
        assert.equal(await ask("local during", "local", 50), "allowed");
        assert.equal(await ask("local too much", "local", 1), "refused");
        assert.equal(await ask("closed before", "closed", 40), unavailable, "a running call is not refused");
        assert.equal(await ask("local before", "local", 40), unavailable, "nor one that holds more than this process has left");
        for (const outage of ["closed", "open", "local"] as const) await settle(`${outage} before`, outage, 25);
        for (const outage of ["open", "local"] as const) await settle(`${outage} during`, outage, 30);
        await eventually(() => !store.isAvailable || received.length > 0, "it counts as unavailable");
        await bringBack(redis);
        await eventually(() => store.isAvailable && store.undelivered === 0, "all charges are delivered", {
          state: () => [store.isAvailable, store.undelivered],
        });
        const standings = await store.read(["closed", "open", "local"].map((budget) => account(budget)));
        assert.deepEqual(
          standings.map(({ budget, spent, held }) => [budget, spent, held]),
          [
            ["closed", 25, 0],
            ["open", 55, 0],
            ["local", 55, 0],
          ],
        );
        assert.deepEqual(
          received.map(({ available }) => available),
          [false, true],
        );
      } finally {
        unsubscribe();
        store.close();
        close();
        redis.thaw();
      }
    });
  }
}

test("a call is held in all its budgets in one round trip, and settled in one", needsRedis, async () => {
  await using redis = await startRedis();
  const client = new Redis({ host: "127.0.0.1", port: redis.port });
  const store = new RedisStore({ client, deadlineMs: 10_000 });
  await store.ready();
  const calls = async (): Promise<number> => {
    const text = String(await redis.command("INFO", "commandstats"));
    return [...text.matchAll(/cmdstat_(?:evalsha|eval|multi|exec):calls=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  const before = await calls();
  const holds = ["tokens", "money", "calls"].map((budget) => hold(10, { of: account(budget), used: 3 }));
  await store.hold("a", holds, longMs);
  assert.equal((await calls()) - before, 1);
  await store.settle(
    "a",
    ["tokens", "money", "calls"].map((budget) => charge(5, account(budget))),
  );
  assert.equal((await calls()) - before, 2);
  store.close();
  client.disconnect();
});
