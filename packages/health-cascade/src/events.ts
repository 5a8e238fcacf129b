import { event } from "@aivillage/middleware";

import type { HealthCascade } from "./health-cascade.ts";
import type { HealthStatus, ServiceStatus } from "./report.ts";

/** What is known of a service has changed. No request caused it, so there is none in the message. */
export interface ServiceStatusChanged {
  /** Whose service it is: channels are shared by all cascades of the process. */
  source: HealthCascade;
  service: string;
  /** `unknown` until the first probe round has ended. */
  from: ServiceStatus | "unknown";
  to: ServiceStatus;
  /** Why it is unhealthy, as in the report. */
  error?: string;
}

/** Published once per change, whether a probe or `observe()` brought it. */
export const serviceStatusChanged = event<ServiceStatusChanged>("aivillage:health-cascade:service-status-changed");

/** What probes know of a replica has changed. What `observe()` tells is not in it, so that who observes does not hear himself. */
export interface ReplicaStatusChanged {
  source: HealthCascade;
  service: string;
  /** Scheme, host and port. Internal: for proxies and logs, not for clients. */
  replica: string;
  /** `unknown` until its first probe. */
  from: ServiceStatus | "unknown";
  to: ServiceStatus;
  error?: string;
}

/** Published once per change, for the only replica of a service too. */
export const replicaStatusChanged = event<ReplicaStatusChanged>("aivillage:health-cascade:replica-status-changed");

/** A probe round has ended: all services have answered or the deadline has passed. */
export interface HealthChecked {
  source: HealthCascade;
  status: HealthStatus;
  durationMs: number;
}

/** Published once per round, not once per caller. */
export const healthChecked = event<HealthChecked>("aivillage:health-cascade:health-checked");
