/** What another component, such as a proxy with a circuit breaker, has found out about a service. */
export interface ReportedHealth {
  /** Its name. Unknown names are ignored. */
  service: string;
  /** Scheme, host and port of one replica; an unknown one is ignored. Default: the service as a whole. */
  replica?: string | undefined;
  healthy: boolean;
}

/** The latest report about a service or a replica. */
export interface LatestReport {
  /** True after an unhealthy report, until a healthy one or until the report has expired. */
  readonly isDown: boolean;
  record(healthy: boolean): void;
}

/** An unhealthy report expires after `holdMs`: without requests, nothing would ever report that the service works again. */
export function makeLatestReport(holdMs: number): LatestReport {
  let downUntil = -Infinity;

  return {
    get isDown() {
      return performance.now() < downUntil;
    },
    record(healthy) {
      downUntil = healthy ? -Infinity : performance.now() + holdMs;
    },
  };
}
