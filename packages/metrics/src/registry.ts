import { option } from "@aivillage/middleware";
import { register, type Registry, type RegistryContentType } from "prom-client";

/** prom-client's own class: `new Registry()` makes one to share between `metrics()` and `metricsEndpoint()`. */
export { Registry } from "prom-client";

/** A prom-client registry, of the Prometheus or the OpenMetrics text format. */
export type MetricsRegistry = Registry<RegistryContentType>;

/** The rule of every `registry` option. It looks at members, so that a registry of another prom-client 15 copy is welcome. */
export const registryRule = option.custom<MetricsRegistry>("a prom-client Registry", register, isRegistry);

function isRegistry(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { metrics, registerMetric, getSingleMetric } = value as Record<string, unknown>;
  return [metrics, registerMetric, getSingleMetric].every((member) => typeof member === "function");
}
