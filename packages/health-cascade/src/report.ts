/** Of the whole: `degraded` when something is down that is not critical. */
export type HealthStatus = "healthy" | "degraded" | "unhealthy";

export type ServiceStatus = "healthy" | "unhealthy";

/** What is known of one service. The names are those of the JSON answer. */
export type ServiceReport =
  | { readonly status: "healthy"; readonly status_code: number; readonly response_time_ms: number }
  | {
      readonly status: "unhealthy";
      /** Present when it answered at all: late, or with a status that was not expected. */
      readonly status_code?: number;
      readonly response_time_ms?: number;
      /** A short text without addresses, such as `connection refused`. */
      readonly error: string;
    }
  | { readonly status: "disabled" };

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
