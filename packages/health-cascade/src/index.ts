export { type HealthChecked, healthChecked, type ServiceStatusChanged, serviceStatusChanged } from "./events.ts";
export { type HealthCascade, healthCascade } from "./health-cascade.ts";
export { liveness } from "./liveness.ts";
export type { HealthCascadeOptions, ReadinessOptions, ServiceOptions } from "./options.ts";
export { readiness } from "./readiness.ts";
export type { HealthReport, HealthStatus, ServiceReport, ServiceStatus } from "./report.ts";
