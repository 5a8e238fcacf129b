import type { HealthCascade, ServiceReport } from "@aivillage/health-cascade";
import { type BoundedGauge, createGauge, type Registry } from "@aivillage/metrics";

type ServiceGauge = BoundedGauge<readonly ["service"]>;

/**
 * Makes the gauges of what probes have found, which are set when a scrape asks. A service that is not known, or no longer configured,
 * has no series: an old value would look like a new one.
 *
 * @param read the cascade in force
 */
export function serviceGauges(registry: Registry, read: () => HealthCascade | undefined): void {
  /** A gauge with the value of each service for which there is one. Workers whose primary probes have the same; a worker that hangs is older. */
  function gauge(name: string, help: string, valueOf: (report: ServiceReport) => number | undefined): void {
    const made: ServiceGauge = createGauge({
      name,
      help,
      labelNames: ["service"],
      aggregator: "newest",
      collect: () => setAll(made, read(), valueOf),
      registry,
    });
  }

  gauge("gateway_downstream_up", "1 while the service is healthy, 0 while it is unhealthy; absent while neither is known.", isUp);
  gauge("gateway_downstream_probe_duration_seconds", "Duration of the last health probe that got a response.", (report) =>
    isUp(report) === undefined || report.response_time_ms === undefined ? undefined : report.response_time_ms / 1_000,
  );
  gauge("gateway_downstream_probe_timestamp_seconds", "Unix time at which the last health probe ended.", ({ checked_at: checkedAt }) =>
    checkedAt === undefined ? undefined : Date.parse(checkedAt) / 1_000,
  );
}

function setAll(gauge: ServiceGauge, health: HealthCascade | undefined, valueOf: (report: ServiceReport) => number | undefined): void {
  gauge.clear();
  if (health === undefined) return;
  const { services, timestamp } = health.lastReport();
  for (const [service, report] of Object.entries(services)) {
    const value = valueOf(report);
    if (value !== undefined) gauge.set([service], value, Date.parse(report.checked_at ?? timestamp));
  }
}

function isUp({ status }: ServiceReport): number | undefined {
  if (status === "healthy") return 1;
  return status === "unhealthy" ? 0 : undefined;
}
