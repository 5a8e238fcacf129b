import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { eventually } from "@aivillage/testing";

import { revokeKeys, rotateKeys } from "../src/keys-file/index.ts";
import { keysFolder } from "./keys-folder.ts";

const workerCount = 4;

/** Workers that follow a keys file, each on a port of its own. `await using` ends them. */
async function startWorkers(path: string): Promise<AsyncDisposable & { readonly ports: readonly number[] }> {
  const workers = Array.from({ length: workerCount }, () =>
    fork(join(import.meta.dirname, "keys-file-worker.ts"), [path], { execArgv: ["--conditions=@aivillage/source"] }),
  );
  const ended = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
  const ports = await Promise.all(workers.map(portOf));
  return {
    ports,
    async [Symbol.asyncDispose]() {
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(ended);
    },
  };
}

async function portOf(worker: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    worker.once("message", (port) => resolve(Number(port)));
    worker.once("exit", () => reject(new Error("a worker ended before it listened")));
  });
}

async function statusAt(port: number, key: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: `Bearer ${key}` } });
  await response.arrayBuffer();
  return response.status;
}

test("on four workers a rotation under load loses no request, and a revoked key is refused by all", async () => {
  using keys = keysFolder();
  const old = await keys.create("ada");
  await using workers = await startWorkers(keys.path);
  const load = { key: old.key, running: true, statuses: [] as number[] };
  const statusesOf = (key: string): Promise<number[]> => Promise.all(workers.ports.map((port) => statusAt(port, key)));
  const allSay = (statuses: readonly number[], status: number): boolean => statuses.every((each) => each === status);
  const clients = workers.ports.map(async (port) => {
    while (load.running) load.statuses.push(await statusAt(port, load.key));
  });

  const young = await rotateKeys(keys.path, "ada");
  await eventually(async () => allSay(await statusesOf(young.key), 200), "every worker knows the new key");
  load.key = young.key;
  const sent = load.statuses.length;
  await eventually(() => load.statuses.length > sent + 100, "the load uses it");
  await revokeKeys(keys.path, old.keyId);
  await eventually(async () => allSay(await statusesOf(old.key), 401), "every worker refuses the old key");
  assert.ok(allSay(await statusesOf(young.key), 200));
  load.running = false;
  await Promise.all(clients);

  assert.deepEqual(
    load.statuses.filter((status) => status !== 200),
    [],
  );
});
