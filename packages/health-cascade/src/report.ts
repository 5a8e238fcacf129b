/** Of the whole: `degraded` when something is down that is not critical. */
export type HealthStatus = "healthy" | "degraded" | "unhealthy";

export type ServiceStatus = "healthy" | "unhealthy";

/** What is known of one service or replica. The names are those of the JSON answer. */
export interface Finding {
  readonly status: ServiceStatus | "disabled";
  /** Of the last probe, when it was answered at all: in time or late, with the expected status or another. */
  readonly status_code?: number;
  readonly response_time_ms?: number;
  /** Why it is unhealthy, or what the last probe found while `fall` is not reached: a short text without addresses. */
  readonly error?: string;
}

/** What is known of one replica. */
export interface ReplicaReport extends Finding {
  /** Scheme, host and port. */
  readonly url: string;
}

/** What is known of one service. */
export interface ServiceReport extends Finding {
  /** Each replica, with the option `showReplicas` only. */
  readonly replicas?: readonly ReplicaReport[];
}

/** The health answer, as `check()` resolves to it and as the handler sends it. */
export interface HealthReport {
  readonly status: HealthStatus;
  /** When the probe round that this rests on ended: UTC, ISO 8601, whole seconds. */
  readonly timestamp: string;
  readonly services: Readonly<Record<string, ServiceReport>>;
  readonly gateway: {
    /** Age of this process. */
    readonly uptime_seconds: number;
    readonly environment: string;
    /** How long this caller waited; next to nothing when the answer came from the cache. */
    readonly response_time_ms: number;
  };
}

/**
 * All healthy, or nothing to ask: `healthy`. A critical service down, or every service: `unhealthy`. Otherwise `degraded`.
 * Disabled services do not count.
 */
export function overallStatus(services: readonly { readonly critical: boolean; readonly report: ServiceReport }[]): HealthStatus {
  const counted = services.filter(({ report }) => report.status !== "disabled");
  const down = counted.filter(({ report }) => report.status === "unhealthy");
  if (down.length === 0) return "healthy";
  return down.length === counted.length || down.some(({ critical }) => critical) ? "unhealthy" : "degraded";
}

/** One decimal is what a probe over a network is good for. */
export function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}

export function toTimestamp(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
