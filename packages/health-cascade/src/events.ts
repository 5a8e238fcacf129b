import { event } from "@aivillage/middleware";

import type { HealthSource } from "./health-source.ts";
import type { HealthStatus, KnownStatus, ServiceStatus } from "./report.ts";

/** The status of a service has changed. No request caused it, so the message contains none. */
export interface ServiceStatusChanged {
  /** The cascade of the service. All cascades of a process share the channel. */
  source: HealthSource;
  service: string;
  /** `unknown` until its first probe has ended. */
  from: KnownStatus;
  to: ServiceStatus;
  /** Why it is unhealthy, as in the report. */
  error?: string;
}

/** Published once per change, whether a probe or `reportHealth()` caused it. */
export const serviceStatusChanged = event<ServiceStatusChanged>("aivillage:health-cascade:service-status-changed");

/** The status of a replica has changed by its probes. Excludes `reportHealth()`, so a caller is not notified of its own reports. */
export interface ReplicaStatusChanged {
  source: HealthSource;
  service: string;
  /** Scheme, host and port. Internal: for proxies and logs, not for clients. */
  replica: string;
  /** `unknown` until its first probe. */
  from: KnownStatus;
  to: ServiceStatus;
  error?: string;
}

/** Published once per change, for the only replica of a service too. */
export const replicaStatusChanged = event<ReplicaStatusChanged>("aivillage:health-cascade:replica-status-changed");

/** With `probe: "request"`, a probe round has ended: all services have responded or the deadline has passed. */
export interface HealthChecked {
  source: HealthSource;
  status: HealthStatus;
  durationMs: number;
}

/** Published once per round, not once per caller. */
export const healthChecked = event<HealthChecked>("aivillage:health-cascade:health-checked");
