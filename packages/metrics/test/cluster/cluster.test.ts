// Needs its own process: is the primary of a cluster.
import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { toListener } from "@aivillage/middleware";
import { eventually, listen } from "@aivillage/testing";

import {
  type CollectedMetrics,
  collectFromWorkers,
  type CollectFromWorkersOptions,
  createCounter,
  metricsEndpoint,
  Registry,
  reportToPrimary,
  type WorkerReportMissed,
  workerReportMissed,
} from "../../src/index.ts";
import { parseExposition } from "../parse-exposition.ts";
import { fork, killAll, reportsOf, type RunningWorker, worked } from "./workers.ts";

after(killAll);

const hour = 3_600_000;
const four = (options = {}): Promise<RunningWorker[]> => Promise.all([1, 2, 3, 4].map(() => fork(options)));
const stopAll = (workers: readonly RunningWorker[]): Promise<unknown> => Promise.all(workers.map((worker) => worker.kill("SIGKILL")));

/** Collects until the test is over, however it ends: only one can do so at a time. */
function collecting(t: TestContext, options?: CollectFromWorkersOptions): CollectedMetrics {
  const collected = collectFromWorkers(options);
  t.after(() => collected.close());
  return collected;
}

test("every worker shows the sum of all, exactly, while one is restarted and after one is killed", async (t) => {
  collecting(t, { deadlineMs: 5_000 });
  const workers = await four({ everyMs: hour });
  await Promise.all(workers.map((worker, place) => worker.work(10 * (place + 1))));
  for (const worker of workers) assert.equal(worked(await worker.scrape()), 100);

  // In order: its last report is taken before it ends, although it reports by itself once per hour only.
  const [first, ...others] = workers as [RunningWorker, ...RunningWorker[]];
  await first.work(7);
  const seen = new Set<number>();
  const stopping = first.stop();
  const progress = { isStopping: true };
  void stopping.then(() => (progress.isStopping = false));
  while (progress.isStopping) seen.add(worked(await (others[0] as RunningWorker).scrape()));
  const fifth = await fork({ everyMs: hour });
  const now = [...others, fifth];
  assert.deepEqual([...seen], [107]);
  await Promise.all(now.map((worker) => worker.work(5)));
  for (const worker of now) assert.equal(worked(await worker.scrape()), 127);

  // Killed: everything that a report or a scrape has told stays, what came later is lost.
  const [second, third] = others as [RunningWorker, RunningWorker];
  await second.kill("SIGKILL");
  assert.equal(worked(await third.scrape()), 127);
  await third.work(9);
  await third.kill("SIGKILL");
  assert.equal(worked(await fifth.scrape()), 127);
  const buckets = (await fifth.scrape()).named("gateway_request_duration_seconds_bucket");
  const all = buckets.filter(({ labels }) => labels["endpoint"] === "/work" && labels["le"] === "+Inf");
  assert.deepEqual(
    all.map(({ value }) => value),
    [127],
  );
  await stopAll(now.filter((worker) => worker !== second && worker !== third));
});

test("a worker that is killed has lost no more than what it counted since its last report", async (t) => {
  const collected = collecting(t, { deadlineMs: 5_000 });
  await using app = await listen(toListener(metricsEndpoint({ registry: collected })));
  const killed = await fork({ everyMs: 20 });
  await killed.work(25);
  await reportsOf(killed, 2);
  await killed.kill("SIGKILL");
  assert.equal(worked(parseExposition(await (await fetch(app.url)).text())), 25);
});

test("gauges are added or not as they say, and go with their worker", async (t) => {
  collecting(t, { deadlineMs: 5_000 });
  const workers = await Promise.all([fork({ everyMs: hour }), fork({ everyMs: hour })]);
  const [first, second] = workers;
  await first.work(3, { "x-trace": "0123abc" });
  await (await fetch(`${first.url}/reset-labels`)).text();
  const leaving = new AbortController();
  await fetch(`${first.url}/hang`, { signal: leaving.signal });

  const before = await second.scrape();
  assert.equal(before.value("gateway_requests_in_flight"), 2, "the one that hangs and the scrape");
  assert.equal(before.value("workers", { kind: "alive" }), 2);
  assert.equal(before.value("workers", { kind: "extra" }), 1);
  assert.equal(before.value("level"), Math.max(...workers.map(({ worker }) => worker.id)));
  assert.equal(before.named("nodejs_version_info").length, 1);
  assert.ok((before.value("process_resident_memory_bytes") ?? 0) > 60_000_000, "the memory of both");

  const response = await fetch(`${second.url}/metrics`, { headers: { accept: "application/openmetrics-text" } });
  assert.match(await response.text(), /endpoint="\/work",status="200"\} \d+ # \{trace_id="0123abc"\} 0\.\d+/);

  await (await fetch(`${first.url}/forget`)).text();
  const reset = await second.scrape();
  assert.equal(reset.value("workers", { kind: "extra" }), undefined, "a series that its worker has no more");
  assert.equal(reset.value("workers", { kind: "alive" }), 1);
  await first.kill("SIGKILL");
  const without = await second.scrape();
  assert.equal(without.value("gateway_requests_in_flight"), 1);
  leaving.abort();
  await stopAll(workers.slice(1));
});

test("of a gauge with `newest` the value of the worker that has set it last is shown, also while that one hangs", async (t) => {
  collecting(t, { deadlineMs: 3_000 });
  const [first, second] = await Promise.all([fork({ everyMs: 50 }), fork({ everyMs: 50 })]);
  const see = async ({ url, worker }: RunningWorker): Promise<void> => {
    // Two values of one millisecond would be equally new.
    await delay(2);
    await (await fetch(`${url}/see`)).text();
    await eventually(async () => (await second.scrape()).value("seen") === worker.id, "the newest value is shown");
  };
  for (const worker of [first, second, first]) await see(worker);
  process.kill(first.worker.process.pid as number, "SIGSTOP");
  await see(second);
  process.kill(first.worker.process.pid as number, "SIGCONT");
  await stopAll([first, second]);
});

test("a worker that hangs delays no scrape: its last report is used, and the hang is reported once", async (t) => {
  collecting(t, { deadlineMs: 3_000 });
  const missed: WorkerReportMissed[] = [];
  t.after(workerReportMissed.subscribe((message) => void missed.push(message)));
  const [hung, other] = await Promise.all([fork({ everyMs: 50 }), fork({ everyMs: 50 })]);
  await hung.work(5);
  assert.equal(worked(await other.scrape()), 5);
  process.kill(hung.worker.process.pid as number, "SIGSTOP");
  for (let scrapes = 0; scrapes < 20; scrapes += 1) {
    await other.work(1);
    // On a busy machine the last report of a worker that is well may stand in for it once, too.
    await eventually(async () => assert.equal(worked(await other.scrape()), 6 + scrapes) === undefined, "all that was counted is shown");
  }
  assert.equal(missed.filter(({ worker }) => worker === hung.worker.id).length, 1);
  process.kill(hung.worker.process.pid as number, "SIGCONT");
  await hung.work(5);
  assert.equal(worked(await hung.scrape()), 30);
  await stopAll([hung, other]);
});

test("a primary that collects late gets everything, and without one a scrape is a 503", async (t) => {
  const worker = await fork({ everyMs: 50, deadlineMs: 3_000 });
  await worker.work(4);
  const response = await fetch(`${worker.url}/metrics`);
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  await response.text();

  const registry = new Registry();
  createCounter({ registry, name: "restarts_total", help: "Restarts of workers." }).inc([], 2);
  const collected = collecting(t, { registry });
  const inPrimary = async (): Promise<number | undefined> => {
    const families = (await collected.getMetricsAsJSON()) as { name: string; values: { value: number }[] }[];
    return families.find(({ name }) => name === "gateway_requests_total")?.values.reduce((sum, { value }) => sum + value, 0);
  };
  await eventually(async () => (await inPrimary()) === 5, "the primary has all");
  assert.equal(worked(await worker.scrape()), 4);

  await using app = await listen(toListener(metricsEndpoint({ registry: collected })));
  const shown = parseExposition(await (await fetch(app.url)).text());
  assert.equal(worked(shown), 4);
  assert.equal(shown.value("restarts_total"), 2);
  await stopAll([worker]);
});

test("they say where they belong", (t) => {
  assert.throws(() => reportToPrimary(), /reportToPrimary\(\) belongs in a worker; the primary calls collectFromWorkers\(\)/);
  const collected = collecting(t);
  assert.throws(() => collectFromWorkers(), /was called already; close\(\) the first before/);
  collected.close();
  collecting(t).close();
  assert.throws(() => collectFromWorkers({ deadlineMs: 0 }), /`deadlineMs` must be an integer from 1 to 60000, got 0/);
  assert.throws(() => collectFromWorkers({ registry: {} as never }), /`registry` must be a prom-client Registry, got {}/);
});
