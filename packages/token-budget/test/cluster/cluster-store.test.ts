// Needs its own process: is the primary of a cluster.
import assert from "node:assert/strict";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { eventually } from "@aivillage/testing";

import { type AttachedBudgets, type BudgetStore, ClusterStore, type RemoteStoreOptions } from "../../src/index.ts";
import { account, charge, hold, testStore } from "../stores/contract.ts";

cluster.setupPrimary({ exec: join(import.meta.dirname, "store.process.ts"), args: [], execArgv: ["--conditions=@aivillage/source"] });

function attach(t: TestContext): AttachedBudgets {
  const attached = ClusterStore.attach();
  t.after(() => attached.close());
  return attached;
}

/** The store of a worker, as this process can use it. */
type WorkerStore = BudgetStore & { readonly worker: Worker };

async function storeInWorker(t: TestContext, options: RemoteStoreOptions = { deadlineMs: 10_000 }): Promise<WorkerStore> {
  const worker = cluster.fork({ STORE_OPTIONS: JSON.stringify(options) });
  t.after(() => worker.process.kill("SIGKILL"));
  await once(worker, "message");
  let tasks = 0;
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  worker.on("message", ({ task, value, error }: { task: number; value?: unknown; error?: string }) => {
    const asked = waiting.get(task);
    waiting.delete(task);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  });
  const ask = (method: string, ...args: unknown[]): Promise<never> =>
    new Promise((resolve, reject) => {
      tasks += 1;
      waiting.set(tasks, { resolve: resolve as (value: unknown) => void, reject });
      worker.send({ task: tasks, method, args });
    });
  return {
    worker,
    hold: (...args) => ask("hold", ...args),
    settle: (...args) => ask("settle", ...args),
    read: (...args) => ask("read", ...args),
    list: (...args) => ask("list", ...args),
    grant: (...args) => ask("grant", ...args),
    reset: (...args) => ask("reset", ...args),
    close: () => undefined,
  };
}

testStore("cluster", (t) => {
  attach(t);
  return storeInWorker(t);
});

test("a worker that is killed is charged what it reported last, and the others go on", async (t) => {
  const { store } = attach(t);
  const [one, other] = [await storeInWorker(t), await storeInWorker(t)];
  assert.equal((await one.hold("a", [hold(60, { used: 20 })], 2_000)).allowed, true);
  assert.equal((await other.hold("b", [hold(50)], 600_000)).allowed, false);
  one.worker.process.kill("SIGKILL");
  await eventually(() => store.list()[0]?.held === 0, "its lease has ended");
  assert.equal((await other.hold("b", [hold(50)], 600_000)).allowed, true);
  assert.deepEqual(
    store.read([account()]).map(({ spent, held }) => [spent, held]),
    [[20, 50]],
  );
});

test("without a primary that replies, the policy of each budget decides, and charges are delivered later", async (t) => {
  const store = await storeInWorker(t, { deadlineMs: 1_000, probeEveryMs: 50, instances: 2 });
  await assert.rejects(async () => store.hold("closed", [hold(1)], 60_000), /the store of the budgets is unavailable/);
  assert.equal((await store.hold("local", [{ ...hold(50), outage: "local" }], 60_000)).allowed, true);
  assert.equal((await store.hold("more", [{ ...hold(1), outage: "local" }], 60_000)).allowed, false, "its half is held");
  assert.equal((await store.hold("open", [{ ...hold(500), outage: "open" }], 60_000)).allowed, true);
  await store.settle("local", [charge(40)]);
  await store.settle("open", [charge(200)]);
  const attached = attach(t);
  await eventually(() => attached.store.list()[0]?.spent === 240, "they are charged");
  assert.equal(attached.store.list()[0]?.held, 0);
});
