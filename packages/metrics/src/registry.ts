import { option } from "@aivillage/middleware";
import { collectDefaultMetrics, register, type Registry } from "prom-client";

/** prom-client's own class: `new Registry()` makes one to share between `metrics()` and `metricsEndpoint()`. */
export { Registry } from "prom-client";

/** What a scrape can show: a registry, or the sum of those of all workers. */
export interface MetricsSource {
  getMetricsAsJSON(): Promise<readonly object[]>;
  /** The format for a scraper that asks for none. Absent: the Prometheus text format. */
  readonly contentType?: string;
}

/** What is needed of a registry; those of prom-client 15 and of its successor `@prometheus-io/client` have it. */
export interface MetricsRegistry extends MetricsSource {
  registerMetric(metric: { get(): Promise<object>; reset(): void }): void;
  getSingleMetric(name: string): object | undefined;
  removeSingleMetric(name: string): void;
}

const inRegistry = ["getMetricsAsJSON", "registerMetric", "getSingleMetric", "removeSingleMetric"] as const;

/** The rule of every `registry` option. It looks at members, so that a registry of another copy of the library is welcome. */
export const registryRule = option.custom<MetricsRegistry>("a prom-client Registry", register, (value) => has(value, inRegistry));

export const sourceRule = option.custom<MetricsSource>("a prom-client Registry or the metrics of all workers", register, (value) =>
  has(value, ["getMetricsAsJSON"]),
);

export const optionalRegistryRule = option.custom<MetricsRegistry | undefined>(registryRule.expected, undefined, registryRule.accepts);

function has(value: unknown, members: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return members.every((member) => typeof (value as Record<string, unknown>)[member] === "function");
}

/** Gauges with the name of a counter, which `promtool check metrics` refuses; each is the sum of the metric without `_total`. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Adds prom-client's metrics of the process to a registry that has none of them yet. */
export function addDefaultMetrics(registry: MetricsRegistry): void {
  if (registry.getSingleMetric("process_cpu_seconds_total") !== undefined) return;
  collectDefaultMetrics({ register: registry as unknown as Registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
}
