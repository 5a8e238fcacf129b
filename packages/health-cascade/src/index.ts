export {
  type HealthChecked,
  healthChecked,
  type ReplicaStatusChanged,
  replicaStatusChanged,
  type ServiceStatusChanged,
  serviceStatusChanged,
} from "./events.ts";
export { probeForWorkers, type ProbesForWorkers } from "./cluster/probe-for-workers.ts";
export { type HealthCascade, healthCascade } from "./health-cascade.ts";
export type { HealthSource } from "./health-source.ts";
export { liveness } from "./liveness.ts";
export type { ExpectedStatus, HealthCascadeOptions, ReadinessOptions, ServiceOptions } from "./options.ts";
export { readiness } from "./readiness.ts";
export type { HealthReport, HealthStatus, KnownStatus, ReplicaReport, ServiceReport, ServiceStatus } from "./report.ts";
export type { ReportedHealth } from "./reported-health.ts";
