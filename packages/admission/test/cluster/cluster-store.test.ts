import assert from "node:assert/strict";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { eventually } from "@aivillage/testing";

import { type AttachedSlots, ClusterStore } from "../../src/index.ts";

cluster.setupPrimary({ exec: join(import.meta.dirname, "server.process.ts"), args: [], execArgv: ["--conditions=@aivillage/source"] });
let attached: AttachedSlots | undefined;
let port = 0;

before(async () => {
  attached = ClusterStore.attach();
  await Promise.all([1, 2, 3, 4].map(() => start()));
});
after(() => {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL");
  attached?.close();
});

async function start(): Promise<Worker> {
  const worker = cluster.fork();
  const [address] = (await once(worker, "listening")) as [{ port: number }];
  port = address.port;
  return worker;
}

/** A request that holds its slot until it is closed. */
class Client {
  worker: string | undefined;
  isClosed = false;
  readonly #sent;

  constructor(name: string) {
    this.#sent = get({ port, host: "127.0.0.1", agent: false, headers: { "X-Name": name } }, (res: IncomingMessage) => {
      this.worker = res.headers["x-worker"]?.toString();
      res
        .resume()
        .on("error", () => undefined)
        .once("close", () => (this.isClosed = true));
    }).on("error", () => (this.isClosed = true));
  }

  close(): void {
    this.#sent.destroy();
  }
}

const held = (clients: readonly Client[]): Client[] => clients.filter(({ worker, isClosed }) => worker !== undefined && !isClosed);
const counts = () => attached?.counts()[0] ?? { inFlight: 0, waiting: 0 };

test("four workers share four slots, and a killed one gives its slots back", async (t) => {
  const clients = Array.from({ length: 40 }, () => new Client("a"));
  t.after(() => clients.forEach((client) => client.close()));
  await eventually(() => held(clients).length === 4 && counts().waiting === 36, "four are served, the others wait", { state: counts });
  assert.equal(counts().inFlight, 4);
  const victim = Object.values(cluster.workers ?? {}).find((worker) =>
    held(clients).some((client) => client.worker === String(worker?.process.pid)),
  );
  assert.ok(victim !== undefined);
  victim.process.kill("SIGKILL");
  await once(victim, "exit");
  await eventually(() => held(clients).length === 4, "the other workers serve four again", { state: counts });
  assert.equal(counts().inFlight, 4, "never more");
  for (const client of clients) client.close();
  await eventually(() => counts().inFlight === 0 && counts().waiting === 0, "all slots are free", { state: counts });
});

test("the order is fair over the workers", async (t) => {
  const holders = Array.from({ length: 4 }, () => new Client("x"));
  await eventually(() => held(holders).length === 4, "the slots are taken");
  const loud = Array.from({ length: 20 }, () => new Client("loud"));
  t.after(() => [...holders, ...loud].forEach((client) => client.close()));
  await eventually(() => counts().waiting === 20, "20 wait", { state: counts });
  const quiet = new Client("quiet");
  t.after(() => quiet.close());
  await eventually(() => counts().waiting === 21, "21 wait", { state: counts });
  holders[0]?.close();
  holders[1]?.close();
  await eventually(() => held([quiet, ...loud]).length === 2, "two of them are served");
  assert.equal(held([quiet]).length, 1, "the quiet one is one of them");
});

test("the primary serves the workers once, and a store belongs in a worker", () => {
  assert.throws(() => ClusterStore.attach(), /was called already/);
  assert.throws(() => new ClusterStore(), /belongs in a worker/);
});
