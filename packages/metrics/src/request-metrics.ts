import { bucketSamples, countOf, makeBuckets, observeIn } from "./buckets.ts";
import { registerMetric } from "./register-metric.ts";
import type { MetricsRegistry } from "./registry.ts";
import type { ResponsesInProgress } from "./responses-in-progress.ts";
import { makeSeriesTable } from "./series-table.ts";

const labelNames = ["method", "endpoint", "status"] as const;

interface Settings {
  readonly prefix: string;
  readonly registry: MetricsRegistry;
  readonly buckets: readonly number[];
  readonly maxSeries: number;
}

/** Counts a request that has ended. */
type CountRequest = (method: string, endpoint: string, status: string, seconds: number, traceId: string | undefined) => void;

/** Registers the counter and the histogram of requests. They show the same numbers, so that a request costs one look-up. */
export function makeRequestMetrics({ prefix, registry, buckets, maxSeries }: Settings): CountRequest {
  const bounds = [...buckets];
  const name = `${prefix}_request_duration_seconds`;
  const table = makeSeriesTable({ name, labelNames, maxSeries }, () => makeBuckets(bounds));
  registerMetric({
    name: `${prefix}_requests_total`,
    help: "Requests that have ended.",
    registry,
    type: "counter",
    samples: () => table.all().map(({ labels, cell }) => ({ value: countOf(cell), labels: {}, sharedLabels: labels })),
    reset: table.clear,
  });
  registerMetric({
    name,
    help: "Time from the arrival of a request to the end of its response.",
    registry,
    type: "histogram",
    samples: () => table.all().flatMap((series) => bucketSamples(name, bounds, series)),
    reset: table.clear,
  });
  return (method, endpoint, status, seconds, traceId) => {
    observeIn(table.cell([method, endpoint, status]), bounds, seconds, traceId);
  };
}

/** Registers the gauges of responses that are not complete, which look at them when they are scraped. */
export function registerInProgress({ prefix, registry }: Settings, inProgress: ResponsesInProgress): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const samples = () => [{ value: read(), labels: {}, sharedLabels: {} }];
    // Requests in progress stay counted when the registry is reset.
    registerMetric({ name: `${prefix}_${name}`, help, registry, type: "gauge", samples, reset: () => undefined });
  };
  gauge("requests_in_flight", "Requests whose response is not complete.", () => inProgress.size);
  gauge("open_streams", "Responses of type text/event-stream that are not complete.", () => inProgress.countStreams());
}
