import { isPlainObject, option, optionError, readOptions, returns } from "@aivillage/middleware";

import type { HealthCascadeOptions, ReadinessOptions } from "./options.ts";
import { intervalRange, packageName, readServices, thresholdRange } from "./services.ts";

const servicesExpected = "an object of services by name";

/** Stands for an option that was not given. */
const notGiven = {};

/** Options that have no meaning with the value of `probe` that follows. */
const onlyWith = { cacheMs: ["request"], staleMs: ["request"], intervalMs: ["background", "primary"] } as const;

export function readHealthCascadeOptions(given: HealthCascadeOptions) {
  const { services, ...rest } = readOptions(packageName, given, {
    services: option.custom<HealthCascadeOptions["services"]>(servicesExpected, notGiven, isPlainObject),
    probe: option.oneOf(["background", "primary", "request"], "background"),
    intervalMs: option.integer(5_000, intervalRange),
    deadlineMs: option.integer(80, { min: 1, max: 60_000 }),
    cacheMs: option.integer(1_000, { max: 3_600_000 }),
    staleMs: option.custom<number | undefined>("an integer from 0 to 3600000", undefined, isStaleMs),
    timeoutMs: option.integer(5_000, { min: 1, max: 600_000 }),
    rise: option.integer(1, thresholdRange),
    fall: option.integer(1, thresholdRange),
    reportedHealthMs: option.integer(10_000, { max: 3_600_000 }),
    showReplicas: option.boolean(false),
    environment: option.string("development"),
  });
  if (services === notGiven) throw optionError(packageName, "services", servicesExpected, undefined);
  for (const [name, probes] of Object.entries(onlyWith)) {
    const value = given[name as keyof typeof onlyWith];
    if (value === undefined || probes.some((probe) => probe === rest.probe)) continue;
    throw optionError(packageName, name, `left out unless \`probe\` is ${probes.map((probe) => `"${probe}"`).join(" or ")}`, value);
  }
  const staleMs = rest.staleMs ?? Math.min(rest.deadlineMs, rest.cacheMs);
  return { ...rest, staleMs, services: readServices(services, rest) };
}

export function readReadinessOptions(given: ReadinessOptions) {
  const { isReady, health, requires } = readOptions(packageName, given, {
    isReady: option.function<() => boolean>(neverReady, returns.boolean),
    health: option.custom<ReadinessOptions["health"]>("a health cascade", undefined, hasCheck),
    requires: option.custom<ReadinessOptions["requires"]>("a list of services", undefined, isTexts),
  });
  if (isReady === neverReady) throw optionError(packageName, "isReady", "a function", undefined);
  if (requires !== undefined && health === undefined) throw optionError(packageName, "requires", "left out without `health`", requires);
  return { isReady, health, requires: requires === undefined ? undefined : [...requires] };
}

/** Stands for an option that was not given. */
const neverReady = (): boolean => false;

function isStaleMs(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 3_600_000;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function hasCheck(value: unknown): boolean {
  return typeof (Object(value) as { check?: unknown }).check === "function";
}
