import { option, optionError, readOptions } from "@aivillage/middleware";

import type { HealthCascade } from "./health-cascade.ts";
import { packageName, readServices, thresholdRange } from "./services.ts";

/** How one service is probed. */
export interface ServiceOptions {
  /** Base URL, or several for replicas: the service is healthy when any of them is. No credentials, query or fragment. Required. */
  url: string | readonly string[];
  /** Put behind the base URL; may hold a query. Default `/healthz`. */
  path?: string;
  /** Whether the whole is `unhealthy`, and answered with 503, when this service is down. Default false. */
  critical?: boolean;
  /** How long a probe of this service may take in milliseconds. Default: the `timeoutMs` of the cascade. */
  timeoutMs?: number;
  /** The status, or statuses, of a healthy answer. Default: 200 to 299. */
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
  /** The services by the name that the answer shows them under; `{}` when there are none. Required. */
  services: Readonly<Record<string, ServiceOptions>>;
  /** When an answer is sent at the latest, in milliseconds after its probes were started. Default 80. */
  deadlineMs?: number;
  /** How long an answer serves further callers, in milliseconds from the start of its probes. Default 1000. */
  cacheMs?: number;
  /**
   * How much longer than `cacheMs` an answer serves while the next round is running, in milliseconds, so that only the first
   * caller ever waits for a round; 0 lets all wait. No answer is older than the sum of the two. Default: `deadlineMs`, but not
   * more than `cacheMs`.
   */
  staleMs?: number;
  /**
   * How long a probe may take in milliseconds, those included that go on after the deadline to find out more. As long as it
   * runs, its replica is late and gets no other probe. Default 5000.
   */
  timeoutMs?: number;
  /** Good probes in a row that make an unhealthy replica healthy. The first probe of all decides alone. Default 1. */
  rise?: number;
  /** Bad probes in a row that make a healthy replica unhealthy. Default 1. */
  fall?: number;
  /** How long a `down` of `observe()` counts when neither `up` nor another `down` follows, in milliseconds. Default 10,000. */
  observationMs?: number;
  /** Whether the answer lists the replicas of each service with their addresses. Default false: they are nobody's business. */
  showReplicas?: boolean;
  /** Shown in the answer. Default `development`. */
  environment?: string;
}

/** Options of `readiness()`. */
export interface ReadinessOptions {
  /** Whether this process wants requests; false from the start of a drain. Required. */
  isReady: () => boolean;
  /**
   * The cascade without which requests make no sense: not ready while it is `unhealthy`, so when a critical service is down, or
   * all are. Default: what stands behind does not matter.
   */
  health?: Pick<HealthCascade, "check">;
}

const servicesExpected = "an object of services by name";
/** Stands for an option that was not given. */
const notGiven = {};

export function readHealthCascadeOptions(given: HealthCascadeOptions) {
  const { services, ...rest } = readOptions(packageName, given, {
    services: option.custom<HealthCascadeOptions["services"]>(servicesExpected, notGiven, isRecord),
    deadlineMs: option.integer(80, { min: 1, max: 60_000 }),
    cacheMs: option.integer(1_000, { max: 3_600_000 }),
    staleMs: option.custom<number | undefined>("an integer from 0 to 3600000", undefined, isStaleMs),
    timeoutMs: option.integer(5_000, { min: 1, max: 600_000 }),
    rise: option.integer(1, thresholdRange),
    fall: option.integer(1, thresholdRange),
    observationMs: option.integer(10_000, { max: 3_600_000 }),
    showReplicas: option.boolean(false),
    environment: option.string("development"),
  });
  if (services === notGiven) throw optionError(packageName, "services", servicesExpected, undefined);
  const staleMs = rest.staleMs ?? Math.min(rest.deadlineMs, rest.cacheMs);
  return { ...rest, staleMs, services: readServices(services, rest) };
}

export function readReadinessOptions(given: ReadinessOptions) {
  const { isReady, health } = readOptions(packageName, given, {
    isReady: option.custom<() => boolean>("a function", neverReady, (value) => typeof value === "function"),
    health: option.custom<ReadinessOptions["health"]>("a health cascade", undefined, hasCheck),
  });
  if (isReady === neverReady) throw optionError(packageName, "isReady", "a function", undefined);
  return { isReady, health };
}

/** Stands for an option that was not given. */
const neverReady = (): boolean => false;

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isStaleMs(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 3_600_000;
}

function hasCheck(value: unknown): boolean {
  return typeof (Object(value) as { check?: unknown }).check === "function";
}
