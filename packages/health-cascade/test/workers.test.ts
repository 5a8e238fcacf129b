// Needs its own process: is the primary of a cluster.
import assert from "node:assert/strict";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { eventually, startDownstream, temporaryFile } from "@aivillage/testing";

import { healthCascade, type HealthCascadeOptions, type HealthReport, probeForWorkers } from "../src/index.ts";

cluster.setupPrimary({ exec: join(import.meta.dirname, "worker.process.ts"), args: [], execArgv: ["--conditions=@aivillage/source"] });

interface RunningWorker {
  readonly worker: Worker;
  report(): Promise<HealthReport>;
}

async function fork(t: TestContext, options: HealthCascadeOptions): Promise<RunningWorker> {
  const given: HealthCascadeOptions = { probe: "primary", intervalMs: 50, timeoutMs: 10_000, deadlineMs: 10_000, ...options };
  const worker = cluster.fork({ HEALTH: JSON.stringify(given) });
  t.after(() => worker.process.kill("SIGKILL"));
  const port = await new Promise<number>((resolve, reject) => {
    worker.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
    worker.on("message", (message: { port?: number }) => message.port !== undefined && resolve(message.port));
  });
  return { worker, report: async () => (await (await fetch(`http://127.0.0.1:${port}`)).json()) as HealthReport };
}

const untilAll = (workers: readonly RunningWorker[], status: string): Promise<unknown> =>
  eventually(async () => {
    const reports = await Promise.all(workers.map((worker) => worker.report()));
    return reports.every(({ services }) => services["twin"]?.status === status);
  }, `every worker says that the twin is ${status}`);

test("the primary probes once for all workers, and all of them follow it", async (t) => {
  const probes = probeForWorkers();
  t.after(() => probes.close());
  // A worker that hears nothing for a second probes by itself; on a busy machine that may take several tries.
  await eventually(async () => {
    await using twin = await startDownstream();
    // One probe is all that there is, whoever asks, and however often.
    const rare = { services: { twin: { url: twin.url } }, intervalMs: 3_600_000 };
    const workers = await Promise.all([fork(t, rare), fork(t, rare), fork(t, rare)]);
    await untilAll(workers, "healthy");
    const times = await Promise.all(workers.map(async (worker) => (await worker.report()).services["twin"]?.checked_at));
    assert.equal(new Set(times).size, 1);
    // A worker that comes later gets what is known.
    const late = await fork(t, rare);
    assert.equal((await late.report()).services["twin"]?.status, "healthy");
    return twin.received.length === 1;
  }, "one probe for four workers");
});

test("a worker that is busy for longer than it waits for the primary still gets its messages first", async (t) => {
  await using twin = await startDownstream();
  const probes = probeForWorkers();
  t.after(() => probes.close());
  const busy = await fork(t, { services: { twin: { url: twin.url } }, intervalMs: 3_600_000 });
  using file = temporaryFile("done");
  busy.worker.send(file.path);
  await eventually(() => twin.received.length === 1, "the primary probes");
  await writeFile(file.path, "");
  assert.equal((await busy.report()).services["twin"]?.status, "healthy");
  assert.equal(twin.received.length, 1);
});

test("a change reaches every worker, also when one was killed", async (t) => {
  await using twin = await startDownstream();
  const probes = probeForWorkers();
  t.after(() => probes.close());
  const options = { services: { twin: { url: twin.url } } };
  const [first, ...others] = await Promise.all([fork(t, options), fork(t, options), fork(t, options)]);
  await untilAll([first, ...others], "healthy");
  twin.script = { status: 503 };
  await untilAll([first, ...others], "unhealthy");
  first.worker.process.kill("SIGKILL");
  await once(first.worker, "exit");
  twin.script = {};
  await untilAll(others, "healthy");
});

test("the primary stops probing when the last worker has closed its cascade, or has died", async (t) => {
  await using twin = await startDownstream();
  await using witness = await startDownstream();
  const probes = probeForWorkers();
  t.after(() => probes.close());
  const options = { services: { twin: { url: twin.url } } };
  const [closing, dying] = await Promise.all([fork(t, options), fork(t, options)]);
  await untilAll([closing, dying], "healthy");
  closing.worker.send("close");
  await once(closing.worker, "message");
  dying.worker.process.kill("SIGKILL");
  await once(dying.worker, "exit");
  await eventually(() => !dying.worker.isConnected(), "the worker is gone");
  const before = twin.received.length;
  // The time in which another one is probed ten times.
  const health = healthCascade({ services: { witness: { url: witness.url } }, intervalMs: 50 });
  t.after(() => health.close());
  health.start();
  await eventually(() => witness.received.length >= 10, "there was time for probes");
  assert.ok(twin.received.length <= before + 1, `${twin.received.length - before} probes after the end`);
});

test("a worker whose primary does not probe does so by itself, and stops when the primary begins", async (t) => {
  await using twin = await startDownstream();
  const worker = await fork(t, { services: { twin: { url: twin.url } }, intervalMs: 200, timeoutMs: 1_000 });
  await untilAll([worker], "healthy");
  const probes = probeForWorkers();
  t.after(() => probes.close());
  twin.script = { status: 503 };
  await untilAll([worker], "unhealthy");
  // The primary ends it: the worker notices, and goes on.
  probes.close();
  twin.script = {};
  await untilAll([worker], "healthy");
});

test("both say where they belong", () => {
  assert.throws(
    () => healthCascade({ services: {}, probe: "primary" }),
    /`probe: "primary"` belongs in a worker; the primary calls probeForWorkers/,
  );
});
