/** The status of the whole: `degraded` if a service is down that is not critical. */
export type HealthStatus = "healthy" | "degraded" | "unhealthy";

/** What probes have shown of a service or replica. */
export type ServiceStatus = "healthy" | "unhealthy";

/** A status that may not be known: before the first probe has ended, or when no probe has ended for long. */
export type KnownStatus = ServiceStatus | "unknown";

/** What is known about one service or replica. The names are those of the JSON response. */
export interface Finding {
  readonly status: KnownStatus | "disabled";
  /** Status of the last probe if there was a response, in time or late, expected or not. */
  readonly status_code?: number;
  readonly response_time_ms?: number;
  /** Why it is unhealthy, or the result of the last probe while `fall` is not reached: a short text without addresses. */
  readonly error?: string;
}

/** What is known before the first result. */
export const noResultYet: Finding = { status: "unknown", error: "no response yet" };

/** What is known when the last result is too old to rely on. */
export const noRecentResult: Finding = { status: "unknown", error: "no recent probe" };

/** What is known about one replica. */
export interface ReplicaReport extends Finding {
  /** Scheme, host and port. */
  readonly url: string;
}

/** What is known about one service. */
export interface ServiceReport extends Finding {
  /** When the probe that this is based on ended: UTC, ISO 8601, whole seconds. Absent before the first one, and with `probe: "request"`. */
  readonly checked_at?: string;
  /** Each replica; only with the option `showReplicas`. */
  readonly replicas?: readonly ReplicaReport[];
}

/** The health report, as `check()` resolves to it and as the handler sends it. */
export interface HealthReport {
  readonly status: HealthStatus;
  /** When the probe round that this report is based on ended: UTC, ISO 8601, whole seconds. */
  readonly timestamp: string;
  readonly services: Readonly<Record<string, ServiceReport>>;
  readonly gateway: {
    /** Age of this process. */
    readonly uptime_seconds: number;
    readonly environment: string;
    /** How long this caller waited; close to 0 if the report came from the cache. */
    readonly response_time_ms: number;
  };
}

interface CountedService {
  readonly critical: boolean;
  readonly report: ServiceReport;
}

/**
 * `healthy` if all services are healthy or there are none. `unhealthy` if a critical service is not known to be healthy, or if every
 * service is down. Otherwise `degraded`. Disabled services do not count.
 */
export function overallStatus(services: readonly CountedService[]): HealthStatus {
  const counted = services.filter(({ report }) => report.status !== "disabled");
  const lacking = counted.filter(({ report }) => report.status !== "healthy");
  if (lacking.length === 0) return "healthy";
  const allDown = counted.every(({ report }) => report.status === "unhealthy");
  return allDown || lacking.some(({ critical }) => critical) ? "unhealthy" : "degraded";
}

/** A probe over a network is not more precise than one decimal. */
export function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}

export function toTimestamp(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
