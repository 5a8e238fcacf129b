import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, needsRedis, startRedis } from "@aivillage/testing";

import { type Charge, RedisStore } from "../../src/index.ts";
import { clients } from "./clients.ts";
import { watchCommands } from "./watch-commands.ts";

/** In Redis since 7.0 and in Valkey since its first version, 7.2, with the same meaning. */
const known = ["del", "eval", "evalsha", "hdel", "hget", "hgetall", "hincrby", "hset", "pexpire", "pttl", "time"];

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 3, windowMs: 500, cost: 1, ...members });

/** Uses everything that the store can do. */
async function useAll(store: RedisStore): Promise<void> {
  const first = await store.decide([charge(), charge({ policy: "day", windowMs: 60_000 })]);
  await store.refund([charge()], first);
  await store.decide([charge({ mode: "ask" })]);
  await store.decide([charge({ mode: "force", cost: 9 })]);
  await store.decide([charge()]);
  await store.decide([charge({ windowMs: 60_000 })]);
  await new Promise((resolve) => setTimeout(resolve, 530));
  await store.decide([charge()]);
  await store.reset("ip", "a");
  const record = { key: "a", reason: "test", durationMs: 100, remainingMs: 1 };
  await store.penalties.write(record);
  await store.penalties.write({ ...record, key: "b", remainingMs: 100 });
  await store.penalties.read("", 3_600_000);
  await new Promise((resolve) => setTimeout(resolve, 110));
  await store.penalties.write({ ...record, key: "c", remainingMs: 100 });
  await store.penalties.read("", 3_600_000);
  await store.penalties.remove("b");
}

test("only commands that Redis 7 and Valkey 7.2 share are sent, also by scripts", needsRedis, async (t) => {
  await using redis = await startRedis();
  for (const connect of Object.values(clients)) {
    await using connected = await connect(redis.port);
    const watched = await watchCommands(t, redis.port);
    const seen = (): Set<string> => new Set(watched().map(({ name }) => name));
    const store = new RedisStore({ client: connected.client, deadlineMs: 5_000 });
    await useAll(store);
    await redis.command("FLUSHALL");
    await redis.command("SCRIPT", "FLUSH");
    await redis.command("ECHO", "end");
    await eventually(() => seen().has("echo"), "the monitor has seen all");
    // What a client sends by itself when it connects is not ours.
    const ours = [...seen()].filter((name) => !["echo", "flushall", "script", "ping", "hello", "client", "info"].includes(name)).toSorted();
    assert.deepEqual(ours, known);
    store.close();
  }
});
