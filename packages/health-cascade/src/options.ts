import type { HealthSource } from "./health-source.ts";

/** How one service is probed. */
export interface ServiceOptions {
  /** Base URL, or several for replicas: the service is healthy if any of them is. No credentials, query or fragment. Required. */
  url: string | readonly string[];
  /** Appended to the base URL; may contain a query. Default `/healthz`. */
  path?: string;
  /** Whether the report is `unhealthy`, with status 503, when this service is down. Default false. */
  critical?: boolean;
  /** Maximum duration of a probe of this service in milliseconds. Default: the `timeoutMs` of the cascade. */
  timeoutMs?: number;
  /** The status, or statuses, of a healthy response. Default: 200 to 299. */
  expectedStatus?: number | readonly number[];
  /** Good probes in a row that make an unhealthy replica healthy. Default: the `rise` of the cascade. */
  rise?: number;
  /** Bad probes in a row that make a healthy replica unhealthy. Default: the `fall` of the cascade. */
  fall?: number;
  /** A disabled service is listed, never probed, and does not count. Default false. */
  disabled?: boolean;
}

/** Options of `healthCascade()`. */
export interface HealthCascadeOptions {
  /** The services, by their name in the report; `{}` if there are none. Required. */
  services: Readonly<Record<string, ServiceOptions>>;
  /** Maximum time from the start of the probes to the response, in milliseconds. Default 80. */
  deadlineMs?: number;
  /** How long a report serves further callers, in milliseconds from the start of its probes. Default 1000. */
  cacheMs?: number;
  /**
   * How much longer than `cacheMs` a report serves while the next round is running, in milliseconds, so that only the first
   * caller ever waits for a round; with 0 all wait. No report is older than the two times together. Default: `deadlineMs`, but not
   * more than `cacheMs`.
   */
  staleMs?: number;
  /**
   * Maximum duration of a probe in milliseconds, including probes that continue after the deadline to find out more. While it
   * runs, its replica is late and gets no other probe. Default 5000.
   */
  timeoutMs?: number;
  /** Good probes in a row that make an unhealthy replica healthy. The very first probe decides alone. Default 1. */
  rise?: number;
  /** Bad probes in a row that make a healthy replica unhealthy. Default 1. */
  fall?: number;
  /** How long an unhealthy report of `reportHealth()` counts if no other report follows, in milliseconds. Default 10,000. */
  reportedHealthMs?: number;
  /** Whether the report lists the replicas of each service with their addresses. Default false, because the addresses are internal. */
  showReplicas?: boolean;
  /** Shown in the report. Default `development`. */
  environment?: string;
}

/** Options of `readiness()`. */
export interface ReadinessOptions {
  /** Whether this process accepts requests; false from the start of a drain. Required. */
  isReady: () => boolean;
  /**
   * The cascade without which requests make no sense. The process is not ready while it is `unhealthy`, which is when a critical service
   * or every service is down. Default: upstream services do not matter.
   */
  health?: HealthSource;
}
