import cluster from "node:cluster";

import { HttpProblem, option, processState, readOptions, RequestReply } from "@aivillage/middleware";

import type { MetricFamily } from "../family.ts";
import { packageName } from "../metric-options.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import { type MetricsRegistry, type MetricsSource, registryRule } from "../registry.ts";
import { messageType, type Question, type Report, type Taken } from "./messages.ts";
import { ReportReader } from "./report-reader.ts";
import { ReportWriter } from "./report-writer.ts";

/** Options of `reportToPrimary()`. */
export interface ReportToPrimaryOptions {
  /** The metrics of this worker. Default: prom-client's own default registry. */
  registry?: MetricsRegistry;
  /**
   * Time between two reports, in milliseconds. What was counted since the last one is lost when the worker is killed. Default 1000.
   */
  everyMs?: number;
  /** How long a scrape, and the last report, wait for the primary, in milliseconds. Default 2000. */
  deadlineMs?: number;
}

/** The metrics of all workers, as any of them can show them. */
export interface ReportedMetrics extends MetricsSource {
  /** Sends the last report and resolves when the primary has it, or does not reply; nothing is counted afterwards. */
  close(): Promise<void>;
}

const reporting = processState("@aivillage/metrics.reporting", { now: false });

/**
 * Reports to the primary what this worker has counted, and gets the sum of all workers from it for `metricsEndpoint()`.
 *
 * Call it once per worker, before it listens, and `close()` when its servers have closed: then nothing is lost.
 *
 * @throws Error when this process is no worker or reports already; TypeError for an unknown or bad option
 */
export function reportToPrimary(options?: ReportToPrimaryOptions): ReportedMetrics {
  const { registry, everyMs, deadlineMs } = read(options);
  if (!cluster.isWorker) throw new Error(`${packageName}: reportToPrimary() belongs in a worker; the primary calls collectFromWorkers()`);
  if (reporting.now) throw new Error(`${packageName}: reportToPrimary() was called already; close() the first before`);
  reporting.now = true;
  const writer = new ReportWriter();
  const peer = new RequestReply<Question>({ type: messageType, send, reply });

  const makeReport = oneAtATime(async () => writer.write((await registry.getMetricsAsJSON()) as MetricFamily[]));

  function reply(question: Question): Promise<Report> {
    if (question.what !== "report") throw new Error("a worker reports for itself only");
    if (question.full) writer.restart();
    return makeReport();
  }

  async function report(): Promise<void> {
    const { needsFirst } = await peer.ask<Taken>({ what: "take", report: await makeReport() }, deadlineMs);
    if (!needsFirst) return;
    writer.restart();
    await peer.ask({ what: "take", report: await makeReport() }, deadlineMs);
  }

  /** A report that finds no primary is no loss: values are sent as they are, not as they have grown. */
  const reportQuietly = oneAtATime(() => report().catch(() => writer.restart()));

  const onMessage = (message: unknown): void => void peer.receive(message);
  process.on("message", onMessage);
  let isWaiting = false;
  const timer = setInterval(() => {
    if (isWaiting) return;
    isWaiting = true;
    void reportQuietly().then(() => (isWaiting = false));
  }, everyMs).unref();
  void reportQuietly();

  return {
    getMetricsAsJSON: oneAtATime(() => peer.ask<Report>({ what: "sum" }, deadlineMs).then(readWhole, unavailable)),
    async close() {
      clearInterval(timer);
      await reportQuietly();
      process.off("message", onMessage);
      peer.close();
      reporting.now = false;
    },
  };
}

function send(message: object): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function readWhole(report: Report): MetricFamily[] {
  const reader = new ReportReader();
  reader.read(report);
  return reader.families();
}

function unavailable(cause: unknown): never {
  throw new HttpProblem({
    status: 503,
    type: "metrics-unavailable",
    title: "Metrics are not available",
    detail: "The metrics of the other workers could not be collected in time.",
    headers: { "Retry-After": "1" },
    cause,
  });
}

function read(given: ReportToPrimaryOptions | undefined) {
  return readOptions(packageName, given, {
    registry: registryRule,
    everyMs: option.integer(1_000, { min: 10, max: 3_600_000 }),
    deadlineMs: option.integer(2_000, { min: 1, max: 60_000 }),
  });
}
