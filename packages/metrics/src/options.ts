import type { IncomingMessage } from "node:http";

import { option, readOptions, returns } from "@aivillage/middleware";

import { bucketsRule, maxSeriesRule, packageName } from "./metric-options.ts";
import { type MetricsRegistry, type MetricsSource, registryRule, sourceRule } from "./registry.ts";

/** Options of `metrics()`. */
export interface MetricsOptions {
  /** Put before the name of each request metric, with a `_` between. Default `gateway`. */
  prefix?: string;
  /** Where the metrics are registered. Default: prom-client's own default registry, so that `metricsEndpoint()` finds them. */
  registry?: MetricsRegistry;
  /**
   * The template of the route that the request took, such as `/users/:id`, for the label `endpoint`; never the path, which
   * anybody can invent. Called when the response has ended. `undefined` counts as `unmatched`. Default: always `undefined`.
   */
  endpoint?: (req: IncomingMessage) => string | undefined;
  /**
   * The id of the trace that the request belongs to, if it is kept: it becomes the exemplar of its duration, which scrapes in
   * OpenMetrics show. 1 to 64 letters, digits, `-` or `_`; others are left out. Called when the response has ended. Default: none.
   */
  traceId?: (req: IncomingMessage) => string | undefined;
  /** Upper bounds of the duration histogram in seconds. Default 0.005 to 30, with 0.1 and 2 among them. */
  buckets?: readonly number[];
  /** Largest number of label combinations per metric; the rest is counted as `_OVERFLOW`. Default 1000. */
  maxSeries?: number;
  /** Whether the registry also gets prom-client's metrics of the process, if it lacks them. Default true. */
  defaultMetrics?: boolean;
}

/** Options of `metricsEndpoint()`. */
export interface MetricsEndpointOptions {
  /**
   * What is shown: a registry, or what `reportToPrimary()` or `collectFromWorkers()` has made, for the sum of all workers.
   * Default: prom-client's own default registry.
   */
  registry?: MetricsSource;
  /** Requests for which it returns `false` get a 403 problem. What it throws goes to the host's error handler. Default: all may. */
  allow?: (req: IncomingMessage) => boolean;
}

export function readMetricsOptions(given: MetricsOptions | undefined) {
  return readOptions(packageName, given, {
    prefix: option.custom<string>(
      "a metric name of letters, digits, `_` and `:`",
      "gateway",
      (value) => typeof value === "string" && /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(value),
    ),
    registry: registryRule,
    endpoint: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    traceId: option.function<(req: IncomingMessage) => string | undefined>(undefined, returns.optionalString),
    buckets: bucketsRule,
    maxSeries: maxSeriesRule,
    defaultMetrics: option.boolean(true),
  });
}

export function readMetricsEndpointOptions(given: MetricsEndpointOptions | undefined) {
  return readOptions(packageName, given, {
    registry: sourceRule,
    allow: option.function<(req: IncomingMessage) => boolean>(undefined, returns.boolean),
  });
}
