import { event } from "@aivillage/middleware";

import type { HealthStatus, ServiceStatus } from "./report.ts";

/** What is known of a service has changed. No request caused it, so there is none in the message. */
export interface ServiceStatusChanged {
  service: string;
  /** `unknown` until the first probe round has ended. */
  from: ServiceStatus | "unknown";
  to: ServiceStatus;
  /** Why it is unhealthy, as in the report. */
  error?: string;
}

/** Published once per change. */
export const serviceStatusChanged = event<ServiceStatusChanged>("aivillage:health-cascade:service-status-changed");

/** A probe round has ended: all services have answered or the deadline has passed. */
export interface HealthChecked {
  status: HealthStatus;
  durationMs: number;
}

/** Published once per round, not once per caller. */
export const healthChecked = event<HealthChecked>("aivillage:health-cascade:health-checked");
