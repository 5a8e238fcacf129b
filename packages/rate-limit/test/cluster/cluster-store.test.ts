// Needs its own process: is the primary of a cluster.
import assert from "node:assert/strict";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";

import { eventually } from "@aivillage/testing";

import { type AttachedCounts, ClusterStore, type RemoteStoreOptions } from "../../src/index.ts";

cluster.setupPrimary({ exec: join(import.meta.dirname, "worker.process.ts"), args: [], execArgv: ["--conditions=@aivillage/source"] });
const workers: Worker[] = [];
after(() => {
  for (const worker of workers) worker.process.kill("SIGKILL");
});

async function fork(options: RemoteStoreOptions = {}): Promise<Worker> {
  const worker = cluster.fork({ STORE_OPTIONS: JSON.stringify({ deadlineMs: 5_000, ...options }) });
  workers.push(worker);
  await new Promise<void>((resolve) => worker.on("message", (message) => message === "ready" && resolve()));
  return worker;
}

/** Counts for the workers until the test is over, however it ends: only one can do so at a time. */
function attachDuring(t: TestContext): AttachedCounts {
  const attached = ClusterStore.attach();
  t.after(() => attached.close());
  return attached;
}

interface Report {
  task: number;
  allowed: number;
  available: boolean;
  availability: boolean[];
}

let lastTask = 0;
function ask(worker: Worker, requests: number, key: string, limit = 100): Promise<Report> {
  const task = (lastTask += 1);
  return new Promise((resolve) => {
    const onMessage = (message: Report): void => {
      if (message.task !== task) return;
      worker.off("message", onMessage);
      resolve(message);
    };
    worker.on("message", onMessage);
    worker.send({ task, requests, limit, key });
  });
}

const sum = (reports: readonly Report[]): number => reports.reduce((total, { allowed }) => total + allowed, 0);

test("of 1,000 concurrent requests to four workers exactly 100 pass, and the death of one changes nothing", async (t) => {
  const attached = attachDuring(t);
  const four = await Promise.all([1, 2, 3, 4].map(() => fork()));
  assert.equal(sum(await Promise.all(four.map((worker) => ask(worker, 250, "crowd")))), 100);
  assert.equal((await ask(four[0] as Worker, 30, "mine")).allowed, 30);
  (four[0] as Worker).process.kill("SIGKILL");
  await once(four[0] as Worker, "exit");
  assert.equal((await ask(four[1] as Worker, 100, "mine")).allowed, 70);
  assert.equal((await ask(four[1] as Worker, 5, "refund", 5)).allowed, 5);
  assert.equal((await ask(four[2] as Worker, 5, "refund", 5)).allowed, 1, "one was given back");
  assert.equal(attached.store.size, 3);
});

test("a message carries all that a worker asks in one turn", async (t) => {
  attachDuring(t);
  const worker = await fork();
  let messages = 0;
  const count = (message: { type?: string }): void => {
    if (message.type === "aivillage:rate-limit") messages += 1;
  };
  worker.on("message", count);
  assert.equal((await ask(worker, 200, "batch")).allowed, 100);
  assert.equal(messages, 1);
});

test("without a primary that replies, the outage policy decides, until one replies", async (t) => {
  const worker = await fork({ deadlineMs: 1_000, outage: "local", instances: 4, probeEveryMs: 50 });
  const away = await ask(worker, 200, "away");
  assert.equal(away.allowed, 25);
  const still = await ask(worker, 1, "away");
  assert.deepEqual([still.allowed, still.available], [0, false]);
  attachDuring(t);
  let report = still;
  await eventually(async () => {
    report = await ask(worker, 0, "look");
    return report.available;
  }, "the primary is used");
  assert.deepEqual(report.availability, [false, true]);
  assert.equal((await ask(worker, 200, "back")).allowed, 100);
});

test("however many calls wait for a silent primary, each gets a response, and none more than its part", async () => {
  const worker = await fork({ deadlineMs: 50, outage: "local", instances: 4 });
  const flood = await ask(worker, 30_000, "flood");
  assert.equal(flood.allowed, 25);
});

test("it says where it belongs", (t) => {
  assert.throws(() => new ClusterStore(), /new ClusterStore\(\) belongs in a worker; the primary calls ClusterStore.attach\(\)/);
  const attached = attachDuring(t);
  assert.throws(() => ClusterStore.attach(), /was called already; close\(\) the first before/);
  attached.close();
  attachDuring(t);
  assert.throws(() => new ClusterStore({ outage: "half-open" as never }), /option `outage` must be one of "open", "closed", "local"/);
});
