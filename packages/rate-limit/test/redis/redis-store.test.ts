import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { compose, toListener } from "@aivillage/middleware";
import { eventually, listen, needsRedis, startRedis } from "@aivillage/testing";

import { type Charge, type Decision, MemoryStore, rateLimit, RedisStore, settleRateLimit } from "../../src/index.ts";
import { clients, connectIoredis, connectRedis } from "./clients.ts";
import { watchCommands } from "./watch-commands.ts";

const charge = (members: Partial<Charge> = {}): Charge => ({ policy: "ip", key: "a", limit: 10, windowMs: 60_000, cost: 1, ...members });
const patient = { deadlineMs: 5_000 };

for (const [name, connect] of Object.entries(clients)) {
  test(`with ${name}: ten of ten pass, keys and policies are counted apart, and nothing stays for ever`, needsRedis, async () => {
    await using redis = await startRedis();
    await using connected = await connect(redis.port);
    const store = new RedisStore({ client: connected.client, ...patient });
    for (const members of [{}, { key: "b" }, { policy: "user" }]) {
      const decisions: Decision[] = [];
      for (let sent = 0; sent < 12; sent += 1) decisions.push(await store.decide([charge(members)]));
      assert.deepEqual(
        decisions.map(({ verdicts: [verdict] }) => verdict?.remaining),
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0],
      );
      assert.deepEqual(
        decisions.map(({ allowed }) => allowed),
        [...Array.from({ length: 10 }, () => true), false, false],
      );
      const wait = decisions[11]?.verdicts[0]?.resetMs ?? 0;
      assert.ok(wait > 55_000 && wait <= 61_875, String(wait));
    }
    const names = (await redis.command("KEYS", "*")) as string[];
    assert.equal(names.length, 3);
    for (const each of names) {
      assert.match(each, /^rate-limit:\{[\w-]{22}\}:(ip|user)$/);
      const ttl = Number(await redis.command("PTTL", each));
      assert.ok(ttl > 0 && ttl <= 63_000, String(ttl));
    }
    store.close();
  });

  test(`with ${name}: of 1,000 concurrent requests through two stores exactly 100 pass`, needsRedis, async () => {
    await using redis = await startRedis();
    await using first = await connect(redis.port);
    await using second = await connect(redis.port);
    const stores = [first, second].map(({ client }) => new RedisStore({ client, ...patient }));
    const decisions = await Promise.all(
      Array.from({ length: 1_000 }, async (_, sent) => stores[sent % 2]?.decide([charge({ limit: 100 })])),
    );
    assert.equal(decisions.filter((decision) => decision?.allowed).length, 100);
    for (const store of stores) store.close();
  });
}

for (const [name, connect] of Object.entries(clients)) {
  test(`with ${name}: a process that was busy itself does not take that for an outage`, needsRedis, async () => {
    await using redis = await startRedis();
    await using connected = await connect(redis.port);
    const store = new RedisStore({ client: connected.client, outage: "closed", deadlineMs: 400 });
    await new RedisStore({ client: connected.client, ...patient }).decide([charge()]);
    const decisions = Array.from({ length: 8 }, async () => store.decide([charge()]));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
    assert.equal((await Promise.all(decisions)).filter(({ allowed }) => allowed).length, 8);
    assert.equal(store.isAvailable, true);
    store.close();
  });
}

test("when limit and window of a policy are changed, what was counted goes on counting", needsRedis, async () => {
  await using redis = await startRedis();
  await using connected = await connectRedis(redis.port);
  const store = new RedisStore({ client: connected.client, ...patient });
  const left = async (members: Partial<Charge>) => (await store.decide([charge({ cost: 0, ...members })])).verdicts[0]?.remaining;
  await store.decide([charge({ windowMs: 60_000, cost: 7 })]);
  assert.equal(await left({ windowMs: 86_400_000 }), 3);
  assert.equal(await left({ windowMs: 60_000, limit: 8 }), 1);
  assert.equal((await store.decide([charge({ windowMs: 86_400_000, cost: 2 })])).allowed, true);
  for (const windowMs of [60_000, 3_000, 60_000, 86_400_000]) assert.equal(await left({ windowMs }), 1, `${windowMs} ms`);
  await eventually(async () => (await left({ windowMs: 3_000 })) === 10, "a shorter window ends sooner");
  store.close();
});

test(
  "a shorter window that is asked for meanwhile neither shortens nor prolongs the life of what a longer one counts",
  needsRedis,
  async () => {
    await using redis = await startRedis();
    await using connected = await connectRedis(redis.port);
    const store = new RedisStore({ client: connected.client, ...patient });
    await store.decide([charge({ windowMs: 60_000, cost: 9 })]);
    await store.decide([charge({ windowMs: 200, cost: 1 })]);
    const [name = ""] = (await redis.command("KEYS", "*")) as string[];
    assert.ok(Number(await redis.command("PTTL", name)) > 30_000, "the time to live is that of the longest window");
    assert.equal((await store.decide([charge({ windowMs: 60_000, limit: 10 })])).allowed, false);
    store.close();
  },
);

test("all policies of a request take one round trip, also right after the scripts were flushed", needsRedis, async (t) => {
  await using redis = await startRedis();
  await using connected = await connectIoredis(redis.port);
  const store = new RedisStore({ client: connected.client, ...patient });
  // In a window so long nothing comes back while this runs.
  const three = ["ip", "user", "day"].map((policy) => charge({ policy, key: policy, windowMs: 86_400_000 }));
  await store.decide(three);
  const watched = await watchCommands(t, redis.port);
  const seen = (): string[] => watched().flatMap(({ name, isOfScript }) => (isOfScript ? [] : name));
  for (let sent = 0; sent < 5; sent += 1) await store.decide(three);
  await redis.command("PING");
  await eventually(() => seen().includes("ping"), "the monitor has seen all");
  assert.deepEqual(
    seen().filter((command) => command.startsWith("eval")),
    Array.from({ length: 5 }, () => "evalsha"),
  );
  await redis.command("SCRIPT", "FLUSH");
  const decision = await store.decide(three);
  assert.deepEqual(
    decision.verdicts.map(({ remaining }) => remaining),
    [3, 3, 3],
  );
  store.close();
});

test("it decides as MemoryStore does, with the same waits, refunds, looks and forced charges", needsRedis, async () => {
  await using redis = await startRedis();
  await using connected = await connectRedis(redis.port);
  const store = new RedisStore({ client: connected.client, ...patient });
  let now = 0;
  const memory = new MemoryStore({ now: () => now });
  let random = 7;
  const draw = (below: number): number => (random = (random * 48_271) % 2_147_483_647) % below;
  const made: [Charge, Decision, Decision][] = [];
  for (let step = 0; step < 150; step += 1) {
    if (draw(10) === 0) await delay(draw(60));
    const mode = (["ask", "force", undefined, undefined, undefined, undefined] as const)[draw(6)];
    const one = charge({ key: String(draw(2)), windowMs: 320, limit: 6, cost: draw(4), ...(mode && { mode }) });
    const other = { ...one, policy: "long", windowMs: 1_000, limit: 9 };
    const theirs = await store.decide([one, other]);
    now = theirs.atMs;
    const ours = memory.decide([one, other]);
    assert.deepEqual(theirs, ours, `step ${step}`);
    if (ours.allowed && mode !== "ask") made.push([one, theirs, ours]);
    const [taken] = draw(4) === 0 ? made.splice(draw(made.length), 1) : [];
    if (taken !== undefined) {
      await store.refund([taken[0]], taken[1]);
      memory.refund([taken[0]], taken[2]);
    }
  }
  await store.reset("ip", "0");
  assert.equal((await store.decide([charge({ key: "0", windowMs: 320, mode: "ask" })])).verdicts[0]?.remaining, 10);
  store.close();
});

test("large costs are counted to the unit", needsRedis, async () => {
  await using redis = await startRedis();
  await using connected = await connectRedis(redis.port);
  const store = new RedisStore({ client: connected.client, ...patient });
  const limit = 999_999_999_999_999;
  const first = await store.decide([charge({ limit, cost: limit - 1 })]);
  assert.equal(first.verdicts[0]?.remaining, 1);
  assert.equal((await store.decide([charge({ limit, cost: 2 })])).allowed, false);
  assert.equal((await store.decide([charge({ limit, cost: 1 })])).verdicts[0]?.remaining, 0);
  assert.deepEqual((await store.decide([charge({ key: "new", limit: 3, cost: 4 })])).verdicts, [
    { exceeded: true, remaining: 3, resetMs: Infinity },
  ]);
  store.close();
});

test("the middleware counts across two servers, and settles", needsRedis, async () => {
  await using redis = await startRedis();
  await using first = await connectRedis(redis.port);
  await using second = await connectIoredis(redis.port);
  const stores = [first, second].map(({ client }) => new RedisStore({ client, ...patient }));
  const serve = (store: RedisStore) =>
    listen(
      toListener(
        compose(rateLimit({ policies: [{ name: "tokens", limit: 10, windowMs: 60_000, cost: 4 }], store }), (req, res, next) => {
          settleRateLimit(req, { tokens: 3 }).then(() => res.end("ok"), next);
        }),
      ),
    );
  await using one = await serve(stores[0] as RedisStore);
  await using other = await serve(stores[1] as RedisStore);
  const statuses: number[] = [];
  for (let sent = 0; sent < 4; sent += 1) statuses.push((await fetch(sent % 2 === 0 ? one.url : other.url)).status);
  assert.deepEqual(statuses, [200, 200, 200, 429], "4, 3 + 4, 6 + 4 fit, 9 + 4 does not");
  for (const store of stores) store.close();
});
