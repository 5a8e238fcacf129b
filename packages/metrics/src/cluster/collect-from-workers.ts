import cluster, { type Worker } from "node:cluster";

import { hasMessageType, option, processState, readOptions } from "@aivillage/middleware";

import type { MetricFamily } from "../family.ts";
import { maxSeriesRule, packageName } from "../metric-options.ts";
import { oneAtATime } from "../one-at-a-time.ts";
import { type MetricsRegistry, type MetricsSource, optionalRegistryRule } from "../registry.ts";
import { DepartedCounts } from "./departed-counts.ts";
import { messageType } from "./messages.ts";
import { ReportWriter } from "./report-writer.ts";
import { sumFamilies } from "./sum-families.ts";
import { WorkerReports } from "./worker-reports.ts";

/** Options of `collectFromWorkers()`. */
export interface CollectFromWorkersOptions {
  /** Metrics of the primary itself, which are added to those of the workers. Default: none. */
  registry?: MetricsRegistry;
  /** How long a scrape waits for a worker, in milliseconds; what the worker has said last stands in for it. Default 500. */
  deadlineMs?: number;
  /** Largest number of label combinations per metric in what workers that are gone have counted. Default 1000. */
  maxSeries?: number;
}

/** The sum of all workers' metrics, in the primary. */
export interface CollectedMetrics extends MetricsSource {
  /** Listens to the workers no more. */
  close(): void;
}

const collecting = processState("@aivillage/metrics.collecting", { now: false });

/**
 * Adds up the metrics of all workers, those that are gone included; called once, in the primary, before it forks.
 *
 * The workers call `reportToPrimary()`. What is returned can be given to `metricsEndpoint()` to show it from the primary too.
 *
 * @throws Error in a worker and when it was called already; TypeError for an unknown or bad option
 */
export function collectFromWorkers(options?: CollectFromWorkersOptions): CollectedMetrics {
  const { registry, deadlineMs, maxSeries } = read(options);
  if (!cluster.isPrimary) throw new Error(`${packageName}: collectFromWorkers() belongs in the primary, this is a worker`);
  if (collecting.now) throw new Error(`${packageName}: collectFromWorkers() was called already; close() the first before`);
  collecting.now = true;
  const reports = new Map<Worker, WorkerReports>();
  const departed = new DepartedCounts(maxSeries);

  const collect = oneAtATime(async (): Promise<MetricFamily[]> => {
    await Promise.all([...reports.values()].map((each) => each.refresh(deadlineMs)));
    const own = ((await registry?.getMetricsAsJSON()) ?? []) as MetricFamily[];
    return sumFamilies([...[...reports.values()].map((each) => each.families()), departed.families, own]);
  });

  function onMessage(worker: Worker, message: unknown): void {
    if (!hasMessageType(message, messageType)) return;
    const known = reports.get(worker) ?? new WorkerReports(worker, async () => new ReportWriter().write(await collect()));
    reports.set(worker, known);
    known.receive(message);
  }

  /** Its last words may come after its end, so both have to be over before its counts are laid down. */
  function onGone(worker: Worker): void {
    reports.get(worker)?.close();
    if (worker.isConnected() || !worker.isDead()) return;
    departed.add(reports.get(worker)?.families() ?? []);
    reports.delete(worker);
  }

  const listeners = { message: onMessage, disconnect: onGone, exit: onGone } as const;
  for (const [name, listener] of Object.entries(listeners)) cluster.on(name, listener);
  return {
    getMetricsAsJSON: collect,
    close() {
      for (const [name, listener] of Object.entries(listeners)) cluster.off(name, listener);
      for (const each of reports.values()) each.close();
      collecting.now = false;
    },
  };
}

function read(given: CollectFromWorkersOptions | undefined) {
  return readOptions(packageName, given, {
    registry: optionalRegistryRule,
    deadlineMs: option.integer(500, { min: 1, max: 60_000 }),
    maxSeries: maxSeriesRule,
  });
}
