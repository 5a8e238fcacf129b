import { option, optionError, readOptions } from "@aivillage/middleware";

import { packageName, readServices } from "./services.ts";

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
   * How long a probe may take in milliseconds, those included that go on after the deadline to find out more. A probe that is
   * still running when the next round starts is given up. Default 5000.
   */
  timeoutMs?: number;
  /** Shown in the answer. Default `development`. */
  environment?: string;
}

/** Options of `readiness()`. */
export interface ReadinessOptions {
  /** Whether this process wants requests; false from the start of a drain. Required. */
  isReady: () => boolean;
}

const servicesExpected = "an object of services by name";
/** Stands for an option that was not given. */
const notGiven = {};

export function readHealthCascadeOptions(given: HealthCascadeOptions) {
  const { services, ...rest } = readOptions(packageName, given, {
    services: option.custom<HealthCascadeOptions["services"]>(servicesExpected, notGiven, isRecord),
    deadlineMs: option.integer(80, { min: 1, max: 60_000 }),
    cacheMs: option.integer(1_000, { max: 3_600_000 }),
    timeoutMs: option.integer(5_000, { min: 1, max: 600_000 }),
    environment: option.string("development"),
  });
  if (services === notGiven) throw optionError(packageName, "services", servicesExpected, undefined);
  return { ...rest, services: readServices(services, rest.timeoutMs) };
}

export function readReadinessOptions(given: ReadinessOptions): () => boolean {
  const { isReady } = readOptions(packageName, given, {
    isReady: option.custom<() => boolean>("a function", neverReady, (value) => typeof value === "function"),
  });
  if (isReady === neverReady) throw optionError(packageName, "isReady", "a function", undefined);
  return isReady;
}

/** Stands for an option that was not given. */
const neverReady = (): boolean => false;

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
