import assert from "node:assert/strict";
import { test } from "node:test";

import { needsRedis } from "@aivillage/testing";

import { type Charge, RedisStore } from "../../src/index.ts";
import { clusterClients } from "./clients.ts";
import { startCluster } from "./start-cluster.ts";

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 3, windowMs: 60_000, cost: 1, ...members });

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
