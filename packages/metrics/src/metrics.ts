import type { IncomingMessage, ServerResponse } from "node:http";

import type { Handler } from "@aivillage/middleware";

import { createCounter } from "./counter.ts";
import { addDefaultMetrics } from "./default-metrics.ts";
import { createGauge } from "./gauge.ts";
import { createHistogram } from "./histogram.ts";
import { type MetricsOptions, readMetricsOptions } from "./options.ts";
import { endpointLabel, methodLabel, statusLabel } from "./request-labels.ts";

const labelNames = ["method", "endpoint", "status"] as const;

/**
 * Makes the middleware that counts and times every request, by method, route template and status.
 *
 * A request is counted once, when its answer is complete or its connection is gone. Mount it first, so that what other
 * middleware refuses is counted too. Two in one process need a registry or a prefix each.
 *
 * @throws TypeError for an unknown or bad option, or a registry that has these metrics already
 */
export function metrics(options?: MetricsOptions): Handler {
  const { prefix, registry, endpoint, buckets, maxSeries, defaultMetrics } = readMetricsOptions(options);
  const common = { registry, maxSeries };
  const inFlight = createGauge({ ...common, name: `${prefix}_requests_in_flight`, help: "Requests whose answer is not complete." });
  const total = createCounter({ ...common, name: `${prefix}_requests_total`, help: "Requests that have ended.", labelNames });
  const duration = createHistogram({
    ...common,
    name: `${prefix}_request_duration_seconds`,
    help: "Time from the arrival of a request to the end of its answer.",
    labelNames,
    buckets,
  });
  if (defaultMetrics) addDefaultMetrics(registry);

  function count(req: IncomingMessage, res: ServerResponse, startedAt: number): void {
    const labels = [methodLabel(req), endpointLabel(endpoint, req), statusLabel(res)] as const;
    total.inc(labels);
    duration.observe(labels, (performance.now() - startedAt) / 1_000);
  }

  return function metricsHandler(req, res, next) {
    const startedAt = performance.now();
    if (res.closed) {
      // The client left while an earlier handler was waiting: the event that would end this request has passed.
      count(req, res, startedAt);
      return next();
    }
    inFlight.add([], 1);
    res.once("close", () => {
      inFlight.add([], -1);
      count(req, res, startedAt);
    });
    next();
  };
}
