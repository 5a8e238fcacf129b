import type { HealthSource } from "./health-source.ts";

/** A status, or a class of statuses. */
export type ExpectedStatus = number | "2xx" | "3xx" | "4xx" | "5xx";

/** TLS with a service. */
export interface ProbeTls {
  /** Authorities that are trusted instead of the usual ones, in PEM. */
  readonly ca?: string | undefined;
  /** Certificate that the probe presents and its key, in PEM (mTLS). */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Name in the service's certificate. Default: the host of its URL. */
  readonly serverName?: string | undefined;
}

/** How one service is probed. */
export interface ServiceOptions {
  /**
   * Base URL, or `unix:/run/app.sock` for a Unix socket, with an optional base path after a colon; several for replicas: the service is healthy
   * if any of them is. No credentials, query or fragment. Required.
   */
  url: string | readonly string[];
  /** Appended to the base URL; may contain a query. Default `/healthz`. */
  path?: string;
  /** TLS with `https:` URLs, for a private authority or a client certificate. Default: as Node does. */
  tls?: ProbeTls;
  /**
   * URL of an outbound proxy that probes go through (`CONNECT`), with credentials if it demands some, as in `http://user:password@proxy:3128`.
   * Unix sockets are probed without it. Default: none.
   */
  outboundProxy?: string;
  /**
   * Speaks HTTP/2 with the service: by ALPN with `https:`, where HTTP/1.1 may be chosen too, without negotiation (prior knowledge) with
   * `http:` and Unix sockets. Default false.
   */
  http2?: boolean;
  /** Whether the report is `unhealthy`, with status 503, when this service is down. Default false. */
  critical?: boolean;
  /** Maximum duration of a probe of this service in milliseconds. Default: the `timeoutMs` of the cascade. */
  timeoutMs?: number;
  /** Time between the starts of two probes of this service in milliseconds. Default: the `intervalMs` of the cascade. */
  intervalMs?: number;
  /** The status or class of a healthy response, or a list of them. Default `2xx`. */
  expectedStatus?: ExpectedStatus | readonly ExpectedStatus[];
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
  /**
   * Which process sends probes, and when. Default `background`.
   *
   * - `background`: this process, each `intervalMs`, from the first caller or `start()` on.
   * - `primary`: the primary of `node:cluster` for all its workers, which calls `probeForWorkers()`. A worker that receives nothing from it
   *   probes by itself.
   * - `request`: this process, only while somebody asks. What does not respond within `deadlineMs` is unhealthy.
   */
  probe?: "background" | "primary" | "request";
  /** Time between the starts of two probes of a replica in milliseconds; each one is moved by up to a tenth of it. Default 5000. */
  intervalMs?: number;
  /** Maximum time that a caller waits, in milliseconds: for the first results, or with `probe: "request"` for those of a round. Default 80. */
  deadlineMs?: number;
  /** With `probe: "request"`: how long a report serves further callers, in milliseconds from the start of its probes. Default 1000. */
  cacheMs?: number;
  /**
   * With `probe: "request"`: how much longer than `cacheMs` a report serves while the next round is running, in milliseconds, so that only the first
   * caller ever waits for a round; with 0 all wait. No report is older than the two times together. Default: `deadlineMs`, but not
   * more than `cacheMs`.
   */
  staleMs?: number;
  /**
   * Maximum duration of a probe in milliseconds; a replica that takes longer is unhealthy. While a probe runs, its replica gets no other
   * one. Default 5000.
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
   * The cascade that knows the services. Without `requires`, the process is not ready while the cascade is `unhealthy`, which is when a
   * critical service or every service is down. Default: services do not matter.
   */
  health?: HealthSource;
  /**
   * Names of the services that must be healthy, instead of the rule above; `[]` for none. A caller can name further ones, as in
   * `/readyz?service=twin&service=agent_controller`. Needs `health`.
   */
  requires?: readonly string[];
}
