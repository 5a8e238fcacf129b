import { option, optionError, readOptions } from "@aivillage/middleware";

import type { ServiceOptions } from "./options.ts";
import type { Thresholds } from "./steady-status.ts";

/** One of the equal replicas of a service. */
export interface Replica {
  /** The URL that is probed. */
  readonly url: string;
  /** Scheme, host and port, which identify it to a proxy. */
  readonly origin: string;
}

/** A checked service. */
export interface Service extends Thresholds {
  readonly name: string;
  readonly replicas: readonly Replica[];
  readonly critical: boolean;
  readonly timeoutMs: number;
  readonly disabled: boolean;
  readonly expects: (statusCode: number) => boolean;
}

export const packageName = "@aivillage/health-cascade";

/** The defaults of a service, which the cascade sets. */
export interface ServiceDefaults extends Thresholds {
  readonly timeoutMs: number;
}

/** The range of `rise` and `fall`. */
export const thresholdRange = { min: 1, max: 100 };

export function readServices(services: Readonly<Record<string, ServiceOptions>>, defaults: ServiceDefaults): Service[] {
  return Object.entries(services).map(([name, given]) => {
    if (!/^[A-Za-z][\w.-]{0,63}$/.test(name)) {
      throw optionError(
        packageName,
        "services",
        "an object whose names are 1 to 64 letters, digits, `_`, `.` or `-`, a letter first",
        name,
      );
    }
    return readService(name, given, defaults);
  });
}

function readService(name: string, given: ServiceOptions | undefined, defaults: ServiceDefaults): Service {
  const where = `services.${name}`;
  const rules = {
    url: option.custom<string | readonly string[]>("a base URL or a list of them", [], isTextOrList),
    path: option.custom<string>("a path that starts with /", "/healthz", isPath),
    critical: option.boolean(false),
    timeoutMs: option.integer(defaults.timeoutMs, { min: 1, max: 600_000 }),
    rise: option.integer(defaults.rise, thresholdRange),
    fall: option.integer(defaults.fall, thresholdRange),
    expectedStatus: option.custom<number | readonly number[] | undefined>(
      "a status from 200 to 599 or a list of them",
      undefined,
      isStatuses,
    ),
    disabled: option.boolean(false),
  };
  const { url, path, expectedStatus, ...rest } = readOptions<ServiceOptions, typeof rules>(packageName, given, rules, where);
  const bases = [url].flat();
  if (bases.length === 0) throw optionError(packageName, `${where}.url`, rules.url.expected, given?.url);
  const expected = expectedStatus === undefined ? undefined : new Set([expectedStatus].flat());
  return {
    ...rest,
    name,
    replicas: bases.map((base) => toReplica(where, base, path)),
    expects: (statusCode) => expected?.has(statusCode) ?? (statusCode >= 200 && statusCode <= 299),
  };
}

function toReplica(where: string, base: unknown, path: string): Replica {
  const url = typeof base === "string" && !/[?#]/.test(base) ? URL.parse(base) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password !== "") {
    const shown = String(base).includes("@") ? "one that may hold credentials" : base;
    throw optionError(packageName, `${where}.url`, "an http or https URL without credentials, query and fragment", shown);
  }
  return { url: url.href.replace(/\/$/, "") + path, origin: url.origin };
}

function isTextOrList(value: unknown): boolean {
  return typeof value === "string" || Array.isArray(value);
}

function isPath(value: unknown): boolean {
  return typeof value === "string" && /^\/[^\s#]*$/.test(value);
}

function isStatuses(value: unknown): boolean {
  const statuses: unknown[] = Array.isArray(value) ? value : [value];
  return statuses.length > 0 && statuses.every((status) => Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599);
}
