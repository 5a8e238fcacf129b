import { collectDefaultMetrics } from "prom-client";

import type { MetricsRegistry } from "./registry.ts";

/** Adds prom-client's metrics of the process to a registry that has none of them yet. */
export function addDefaultMetrics(registry: MetricsRegistry): void {
  if (registry.getSingleMetric("process_cpu_seconds_total") === undefined) collectDefaultMetrics({ register: registry });
}
