import { collectDefaultMetrics, type Registry } from "prom-client";

import type { MetricsRegistry } from "./registry.ts";

/** Gauges with the name of a counter, which `promtool check metrics` refuses; each is the sum of the metric without `_total`. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Adds prom-client's metrics of the process to a registry that has none of them yet. */
export function addDefaultMetrics(registry: MetricsRegistry): void {
  if (registry.getSingleMetric("process_cpu_seconds_total") !== undefined) return;
  collectDefaultMetrics({ register: registry as unknown as Registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
}
