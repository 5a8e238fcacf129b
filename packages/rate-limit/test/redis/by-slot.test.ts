import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { needsRedis, type RunningRedis, startRedis } from "@aivillage/testing";

import { type Charge, RedisStore } from "../../src/index.ts";
import { clusterClients } from "./clients.ts";

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 3, windowMs: 60_000, cost: 1, ...members });

/** One node that has all slots: it refuses a call with keys of two slots as any cluster does. */
async function startCluster(): Promise<RunningRedis> {
  const folder = mkdtempSync(join(tmpdir(), "aivillage-redis-"));
  const redis = await startRedis("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--dir", folder);
  await redis.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  // A new node waits for two seconds before it serves.
  while (!String(await redis.command("CLUSTER", "INFO")).includes("cluster_state:ok")) await delay(50);
  return {
    ...redis,
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

test("on a cluster, policies of several client keys are charged all or none", needsRedis, async () => {
  await using redis = await startCluster();
  for (const [prefix, connect] of Object.entries(clusterClients)) {
    await using connected = await connect(redis.port);
    const store = new RedisStore({ client: connected.client, cluster: true, prefix, deadlineMs: 5_000, outage: "closed" });
    const narrow = [charge(), charge({ policy: "user", key: "ann", limit: 1 }), charge({ policy: "day", key: "ann", limit: 9 })];
    const first = await store.decide(narrow);
    assert.deepEqual(
      first.verdicts.map(({ exceeded, remaining }) => [exceeded, remaining]),
      [
        [false, 2],
        [false, 0],
        [false, 8],
      ],
    );
    const refused = await store.decide(narrow);
    assert.equal(refused.allowed, false);
    assert.deepEqual(
      refused.verdicts.map(({ exceeded, remaining }) => [exceeded, remaining]),
      [
        [false, 2],
        [true, 0],
        [false, 8],
      ],
    );
    assert.equal((await store.decide([charge({ cost: 2 })])).verdicts[0]?.remaining, 0, "the refused request was charged to nobody");
    await store.refund(narrow, first);
    assert.equal((await store.decide([charge()])).allowed, true);
    assert.equal((await store.decide([charge({ policy: "user", key: "ann", limit: 1 })])).allowed, true);
    store.close();
  }
});
