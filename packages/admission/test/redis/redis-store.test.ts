// Takes long: processes on a busy Redis server take turns.
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { endProcess, endWithProcess, eventually, listen, needsRedis, type RunningRedis, startRedis } from "@aivillage/testing";
import { Redis } from "ioredis";
import { createClient } from "redis";

import { admissionStoreAvailabilityChanged, RedisStore, type RedisStoreOptions } from "../../src/index.ts";
import { ask, Recorder } from "../gate-by-hand.ts";

async function storeAt(redis: RunningRedis, options: Partial<RedisStoreOptions> = {}): Promise<{ store: RedisStore } & AsyncDisposable> {
  const client = createClient({ socket: { host: "127.0.0.1", port: redis.port }, disableOfflineQueue: true });
  client.on("error", () => undefined);
  await client.connect();
  const store = new RedisStore({ client, pollMs: 10, deadlineMs: 5_000, ...options });
  return {
    store,
    async [Symbol.asyncDispose]() {
      store.close();
      client.destroy();
    },
  };
}

function enter(store: RedisStore, ...args: Parameters<typeof ask>): Recorder {
  const recorder = new Recorder();
  recorder.leave = store.enter(ask(...args), recorder);
  return recorder;
}

const isAdmitted = (recorder: Recorder) => eventually(() => recorder.state === "admitted", "it is admitted");

void test("two processes share the slots, and one that waits gets the slot that the other gives back", needsRedis, async () => {
  await using redis = await startRedis();
  await using one = await storeAt(redis);
  await using other = await storeAt(redis);
  const [first, second] = [enter(one.store, "a", 2), enter(other.store, "a", 2)];
  await Promise.all([isAdmitted(first), isAdmitted(second)]);
  const third = enter(other.store, "a", 2);
  await eventually(() => other.store.counts()[0]?.waiting === 1, "the third waits");
  const refused = enter(one.store, "a", 2, { bounds: { max: 0 } });
  await eventually(() => refused.state === "refused", "there is no queue");
  assert.equal(refused.refusal?.reason, "queue-full");
  first.leave();
  await isAdmitted(third);
  for (const each of [second, third]) each.leave();
  await eventually(() => one.store.counts().length + other.store.counts().length === 0, "nothing is held");
  const fields = async (): Promise<string[]> => (await redis.command("HKEYS", "admission:{slots}:model")) as string[];
  await eventually(async () => !(await fields()).some((field) => field.startsWith("h")), "Redis holds nothing either");
});

void test("a slot goes around the processes that want one", needsRedis, async () => {
  await using redis = await startRedis();
  await using one = await storeAt(redis);
  await using other = await storeAt(redis);
  const holder = enter(one.store, "x", 1);
  await isAdmitted(holder);
  const order: string[] = [];
  const served: Promise<void>[] = [];
  const isWanted = async (): Promise<boolean> =>
    ((await redis.command("HKEYS", "admission:{slots}:model")) as string[]).some((field) => field.startsWith("w"));
  /** A process that was held up has asked for no slot yet, and has no turn. */
  async function leaveWhenWanted(recorder: Recorder, rival: RedisStore): Promise<void> {
    await eventually(async () => rival.counts().every(({ waiting }) => waiting === 0) || (await isWanted()), "the other process has asked");
    recorder.leave();
  }
  function queue(store: RedisStore, rival: RedisStore, name: string, size: number): void {
    for (let index = 0; index < size; index += 1) {
      const recorder: Recorder = new Recorder(() => {
        order.push(name);
        served.push(leaveWhenWanted(recorder, rival));
      });
      recorder.leave = store.enter(ask(name, 1), recorder);
    }
  }
  queue(one.store, other.store, "many", 20);
  await eventually(() => one.store.counts()[0]?.waiting === 20, "20 wait");
  queue(other.store, one.store, "few", 3);
  await eventually(() => other.store.counts()[0]?.waiting === 3, "3 wait");
  // Both have asked for a slot by now and been told that there is none.
  await eventually(async () => Number(await redis.command("HLEN", "admission:{slots}:model")) === 3, "both want it");
  holder.leave();
  await eventually(() => order.length === 23, "all were served");
  await Promise.all(served);
  assert.ok(order.lastIndexOf("few") <= 8, order.join());
  assert.doesNotMatch(order.join(), /few,few,few/);
});

void test("clients of ioredis work as well, and own keys are digests", needsRedis, async () => {
  await using redis = await startRedis();
  const client = new Redis({ host: "127.0.0.1", port: redis.port });
  const store = new RedisStore({ client });
  const request = enter(store, "a", 1, { key: "secret name" });
  await isAdmitted(request);
  assert.doesNotMatch(String(await redis.command("KEYS", "*")), /secret/);
  request.leave();
  store.close();
  client.disconnect();
});

for (const outage of ["local", "closed"] as const) {
  void test(`without Redis, "${outage}" decides, and the slots are shared again when it is back`, needsRedis, async (t) => {
    await using redis = await startRedis();
    await using made = await storeAt(redis, { outage, instances: 2, deadlineMs: 100 });
    const changes: boolean[] = [];
    t.after(admissionStoreAvailabilityChanged.subscribe(({ available }) => changes.push(available)));
    await redis.kill();
    const requests = Array.from({ length: 6 }, () => enter(made.store, "a", 4));
    const states = (): string => requests.map(({ state }) => state[0]).join("");
    // Its part of four slots for two processes is two.
    await eventually(() => states() === (outage === "local" ? "aaqqqq" : "rrrrrr"), "the policy decides", { state: states });
    for (const request of requests) request.leave();
    await redis.start();
    await eventually(() => enterAndLeave(made.store), "a request passes again");
    await eventually(() => changes.length === 0 || changes.at(-1) === true, "the store is back");
  });
}

async function enterAndLeave(store: RedisStore): Promise<boolean> {
  const request = enter(store, "a", 4);
  await eventually(() => request.state !== "queued", "it is decided");
  request.leave();
  return request.state === "admitted";
}

void test(
  "of four processes one is killed: the slots are never exceeded, and are whole again when its lease ends",
  needsRedis,
  async (t) => {
    const max = 5;
    await using redis = await startRedis();
    const busy = new Map<string, number>();
    let most = 0;
    let victim = "";
    /** Most of the slots that the others had at once since one was killed: a look now and then could always come between two calls. */
    let mostOfOthers = 0;
    const running = (except?: string): number => [...busy].reduce((sum, [name, count]) => (name === except ? sum : sum + count), 0);
    await using backend = await listen((req, res) => {
      const name = String(req.headers["x-process"]);
      const count = (change: number): void => void busy.set(name, (busy.get(name) ?? 0) + change);
      count(1);
      most = Math.max(most, running());
      if (victim !== "") mostOfOthers = Math.max(mostOfOthers, running(victim));
      setTimeout(() => {
        // The process gives back the slot as soon as it has the response.
        count(-1);
        res.end("ok");
      }, 25);
    });
    const env = { ...process.env, REDIS_PORT: String(redis.port), BACKEND: backend.url, MAX: String(max) };
    const start = (): ChildProcess => {
      const child = fork(join(import.meta.dirname, "worker.process.ts"), { env, execArgv: ["--conditions=@aivillage/source"] });
      endWithProcess(child);
      return child;
    };
    const children = Array.from({ length: 4 }, start);
    t.after(() => Promise.all(children.map((child) => endProcess(child))));
    await eventually(() => busy.size === 4 && most === max, "all take part, and all slots are in use", { state: () => [busy, most] });
    const killed = await eventually(() => children.find(({ pid }) => (busy.get(String(pid)) ?? 0) > 0), "one holds slots");
    victim = String(killed?.pid);
    killed?.kill("SIGKILL");
    await eventually(() => mostOfOthers === max, "the others have all slots", { state: () => [busy, mostOfOthers] });
    assert.equal(most, max, "never more");
  },
);
