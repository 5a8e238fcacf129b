import { isProxyUrl, option, optionError, readOptions, readServiceUrl } from "@aivillage/middleware";

import type { ExpectedStatus, ProbeTls, ServiceOptions } from "./options.ts";
import type { Thresholds } from "./steady-status.ts";

/** One probe: what is asked, and what is a good response. Plain data, so that another process can send it. */
export interface ProbeTarget {
  readonly url: string;
  readonly expectedStatus: readonly ExpectedStatus[];
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly tls: ProbeTls | undefined;
  /** URL of an outbound proxy, which may hold credentials. */
  readonly outboundProxy: string | undefined;
  readonly http2: boolean;
}

/** One of the equal replicas of a service. */
export interface Replica {
  readonly target: ProbeTarget;
  /** Scheme, host and port, which identify it to a proxy. */
  readonly origin: string;
}

/** A checked service. */
export interface Service extends Thresholds {
  readonly name: string;
  readonly replicas: readonly Replica[];
  readonly critical: boolean;
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly disabled: boolean;
}

export const packageName = "@aivillage/health-cascade";

/** The defaults of a service, which the cascade sets. */
export interface ServiceDefaults extends Thresholds {
  readonly timeoutMs: number;
  readonly intervalMs: number;
}

/** The range of `rise` and `fall`. */
export const thresholdRange = { min: 1, max: 100 };

/** The range of `intervalMs`. */
export const intervalRange = { min: 10, max: 3_600_000 };

export function readServices(services: Readonly<Record<string, ServiceOptions>>, defaults: ServiceDefaults): Service[] {
  return Object.entries(services).map(([name, given]) => {
    if (!/^(?!__proto__$)[\w.-]{1,256}$/.test(name)) {
      throw optionError(packageName, "services", "an object whose names are 1 to 256 letters, digits, `_`, `.` or `-`", name);
    }
    return readService(name, given, defaults);
  });
}

function readService(name: string, given: ServiceOptions | undefined, defaults: ServiceDefaults): Service {
  const where = `services.${name}`;
  const rules = {
    url: option.custom<string | readonly string[]>("a base URL or a list of them", [], isTextOrList),
    path: option.custom<string>("a path that starts with /", "/healthz", isPath),
    tls: option.custom<ProbeTls | undefined>("an object of `ca`, `cert`, `key` and `serverName`, each a text", undefined, isTls),
    outboundProxy: option.custom<string | undefined>("an http: or https: URL without a path", undefined, isProxyUrl),
    http2: option.boolean(false),
    critical: option.boolean(false),
    timeoutMs: option.integer(defaults.timeoutMs, { min: 1, max: 600_000 }),
    intervalMs: option.integer(defaults.intervalMs, intervalRange),
    rise: option.integer(defaults.rise, thresholdRange),
    fall: option.integer(defaults.fall, thresholdRange),
    expectedStatus: option.custom<ExpectedStatus | readonly ExpectedStatus[]>(
      'a status from 200 to 599, a class such as "2xx", or a list of them',
      "2xx",
      isStatuses,
    ),
    disabled: option.boolean(false),
  };
  const { url, path, expectedStatus, tls, outboundProxy, http2, ...rest } = readOptions<ServiceOptions, typeof rules>(
    packageName,
    given,
    rules,
    where,
  );
  const bases = [url].flat();
  if (bases.length === 0) throw optionError(packageName, `${where}.url`, rules.url.expected, given?.url);
  const { timeoutMs, intervalMs } = rest;
  const probe = { expectedStatus: [expectedStatus].flat(), timeoutMs, intervalMs, tls, outboundProxy, http2 };
  return { ...rest, name, replicas: bases.map((base) => toReplica(where, base, path, probe)) };
}

function toReplica(where: string, base: unknown, path: string, probe: Omit<ProbeTarget, "url">): Replica {
  const { origin, socketPath, basePath } = readServiceUrl(packageName, `${where}.url`, base);
  if (socketPath === undefined) return { target: { url: origin + basePath + path, ...probe }, origin };
  // A Unix socket is on this machine, so no proxy is between. got takes the path after a colon.
  return { target: { ...probe, url: `${origin}:${basePath}${path}`, outboundProxy: undefined }, origin };
}

const tlsMembers = ["ca", "cert", "key", "serverName"];

function isTls(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([name, text]) => tlsMembers.includes(name) && (text === undefined || typeof text === "string"));
}

function isTextOrList(value: unknown): boolean {
  return typeof value === "string" || Array.isArray(value);
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && /^\/[^\s#]*$/.test(value);
}

function isStatuses(value: unknown): boolean {
  const statuses: unknown[] = Array.isArray(value) ? value : [value];
  return statuses.length > 0 && statuses.every(isStatus);
}

function isStatus(value: unknown): boolean {
  return typeof value === "string" ? /^[2-5]xx$/.test(value) : Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599;
}
