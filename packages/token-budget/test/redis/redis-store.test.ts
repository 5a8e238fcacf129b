import { after, before } from "node:test";

import { needsRedis, type RunningRedis, startRedis } from "@aivillage/testing";
import { Redis } from "ioredis";
import { createClient } from "redis";

import { RedisStore } from "../../src/index.ts";
import { testStore } from "../stores/contract.ts";

let redis: RunningRedis | undefined;
const ends: (() => unknown)[] = [];
const connected: Record<string, ConstructorParameters<typeof RedisStore>[0]["client"]> = {};
let prefixes = 0;

before(async () => {
  if (needsRedis.skip !== false) return;
  redis = await startRedis();
  const official = createClient({ socket: { host: "127.0.0.1", port: redis.port } });
  await official.connect();
  const ioredis = new Redis({ host: "127.0.0.1", port: redis.port });
  Object.assign(connected, { redis: official, ioredis });
  ends.push(
    () => official.destroy(),
    () => ioredis.disconnect(),
  );
});
after(async () => {
  for (const end of ends) await end();
  await redis?.[Symbol.asyncDispose]();
});

for (const name of ["redis", "ioredis"]) {
  testStore(
    `Redis with ${name}`,
    (t) => {
      prefixes += 1;
      const client = connected[name];
      if (client === undefined) throw new Error("no client");
      const store = new RedisStore({ client, prefix: `test-${prefixes}:`, deadlineMs: 10_000 });
      t.after(() => store.close());
      return store;
    },
    needsRedis,
  );
}
