// Needs its own process: is the primary of a cluster.
import assert from "node:assert/strict";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { mkdirSync, readFileSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { eventually, temporaryFile } from "@aivillage/testing";

import { attachAuditLog, auditLog, verifyAudit } from "../../src/index.ts";

cluster.setupPrimary({ exec: join(import.meta.dirname, "worker.process.ts"), args: [], execArgv: ["--conditions=@aivillage/source"] });

async function startWorker(t: TestContext): Promise<Worker> {
  const worker = cluster.fork();
  t.after(() => worker.process.kill("SIGKILL"));
  await once(worker, "message");
  return worker;
}

/** Waits until a worker reports this. */
async function untilReported(worker: Worker, expected: { available: boolean; refused: boolean }): Promise<void> {
  for (;;) {
    const [reported] = (await once(worker, "message")) as [typeof expected];
    if (reported.available === expected.available && reported.refused === expected.refused) return;
  }
}

test("the records of all workers are in one chain, also those of a worker that is about to end", async (t) => {
  using file = temporaryFile("audit.log");
  const log = auditLog({ path: file.path });
  t.after(attachAuditLog(log));
  const workers = [await startWorker(t), await startWorker(t)];
  for (let count = 0; count < 50; count += 1) for (const [from, worker] of workers.entries()) worker.send({ record: { from, count } });
  const exits = workers.map((worker) => once(worker, "exit"));
  for (const worker of workers) worker.send({ end: true });
  await Promise.all(exits);
  await log.close();
  const verdict = await verifyAudit(file.path);
  assert.deepEqual([verdict.valid, verdict.lines, verdict.unsealed], [true, 100, 0]);
  const records = readFileSync(file.path, "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { record: unknown }).record);
  for (const from of [0, 1]) {
    const counts = records.flatMap((record) => ((record as { from: number }).from === from ? (record as { count: number }).count : []));
    assert.deepEqual(
      counts,
      Array.from({ length: 50 }, (_, count) => count),
    );
  }
});

test("a worker refuses while its primary cannot write, and no longer when it can", async (t) => {
  using file = temporaryFile("audit.log");
  // Every line fills a file. The next one cannot begin while a folder has the name that the full one gets.
  const log = auditLog({ path: file.path, maxBytes: 1_024 });
  t.after(() => log.close());
  t.after(attachAuditLog(log));
  const worker = await startWorker(t);
  await untilReported(worker, { available: true, refused: false });
  log.write({ text: "x".repeat(1_024) });
  await log.flushed();
  const blocked = `${file.path}.000000000001`;
  mkdirSync(join(blocked, "in the way"), { recursive: true });
  worker.send({ record: { call: 1 } });
  await untilReported(worker, { available: false, refused: true });
  renameSync(blocked, `${file.path}.aside`);
  rmdirSync(join(`${file.path}.aside`, "in the way"));
  await untilReported(worker, { available: true, refused: false });
});

test("the workers report the records that their primary has lost, each once", async (t) => {
  using file = temporaryFile("audit.log");
  const log = auditLog({ path: file.path, maxBytes: 1_024, maxWaiting: 3 });
  t.after(() => log.close());
  t.after(attachAuditLog(log));
  const workers = [await startWorker(t), await startWorker(t)];
  const lost = workers.map(() => 0);
  for (const [index, worker] of workers.entries()) worker.on("message", (reported: { lost: number }) => (lost[index] = reported.lost));
  log.write({ text: "x".repeat(1_024) });
  await log.flushed();
  const blocked = `${file.path}.000000000001`;
  mkdirSync(join(blocked, "in the way"), { recursive: true });
  for (const worker of workers) for (let call = 0; call < 20; call += 1) worker.send({ record: { call } });
  for (const worker of workers) await untilReported(worker, { available: false, refused: true });
  renameSync(blocked, `${file.path}.aside`);
  rmdirSync(join(`${file.path}.aside`, "in the way"));
  for (const worker of workers) await untilReported(worker, { available: true, refused: false });
  await log.flushed();
  const lines = readFileSync(file.path, "utf8").trim().split("\n");
  const inLog = lines.map((line) => (JSON.parse(line) as { record: { lost_records?: number } }).record.lost_records ?? 0);
  const total = inLog.reduce((sum, each) => sum + each, 0);
  assert.ok(total > 0);
  await eventually(() => lost.reduce((sum, each) => sum + each, 0) === total, "all are reported", { state: () => [lost, total] });
});
