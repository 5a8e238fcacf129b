import { type OpenMetricsContentType, type PrometheusContentType, Registry } from "prom-client";

import type { MetricFamily, MetricSample } from "./family.ts";

export const contentTypes = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
} as const satisfies Record<string, PrometheusContentType | OpenMetricsContentType>;

export type Format = keyof typeof contentTypes;

/**
 * Writes metrics in one of the two text formats.
 *
 * prom-client writes them, in a registry for this scrape alone: setting the format of a registry that others use too would
 * change what those get, and its OpenMetrics format renames the counters it has.
 */
export function render(families: readonly MetricFamily[], format: Format): Promise<string> {
  const registry = new Registry<PrometheusContentType | OpenMetricsContentType>();
  registry.setContentType(contentTypes[format]);
  for (const family of families) registry.registerMetric(asMetric(family, format) as never);
  return registry.metrics();
}

function asMetric(family: MetricFamily, format: Format): object {
  const values = format === "openMetrics" ? family.values.map(withCanonicalBounds) : family.values;
  const metric = { ...family, values, get: async () => metric };
  return metric;
}

/** OpenMetrics writes the bound 2 as `2.0`. */
function withCanonicalBounds(sample: MetricSample): MetricSample {
  const { le, quantile } = sample.labels;
  if (le === undefined && quantile === undefined) return sample;
  const bounds = { ...(le !== undefined && { le: canonical(le) }), ...(quantile !== undefined && { quantile: canonical(quantile) }) };
  return { ...sample, labels: { ...sample.labels, ...bounds } };
}

function canonical(bound: string | number): string {
  return Number.isInteger(Number(bound)) ? Number(bound).toFixed(1) : String(bound);
}
