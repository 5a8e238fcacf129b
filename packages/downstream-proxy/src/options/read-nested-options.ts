import { defined, isPlainObject, option, readOptions } from "@aivillage/middleware";

import type { BreakerSettings } from "../failures/breaker.ts";
import type { EjectionSettings } from "../failures/ejection.ts";
import type { WindowSettings } from "../failures/failure-window.ts";
import type { PathExchange, RewrittenCookies } from "../fields/rewrite-headers.ts";
import type { BreakerOptions, EjectionOptions, FailureWindowOptions, RetryOptions } from "./failure-options.ts";
import { packageName } from "./package-name.ts";

/** The longest delay of a Node timer. */
export const maxTimerMs = 2_147_483_647;

/** A rule for a nested options object that `false` turns off. */
export const switchable = <T extends object>() =>
  option.custom<T | false>("false or an object", {} as T, (value) => value === false || isPlainObject(value));

export function readFailureWindow(given: FailureWindowOptions) {
  const rules = {
    windowMs: option.integer(10_000, { min: 100, max: maxTimerMs }),
    minRequests: option.integer(10, { min: 1 }),
    minClients: option.integer(5, { min: 1 }),
    share: option.custom("a number above 0, up to 1", 0.5, (value) => typeof value === "number" && value > 0 && value <= 1),
  };
  return readOptions(packageName, given, rules, "failureWindow");
}

export function readBreaker(given: BreakerOptions | false, window: WindowSettings): BreakerSettings {
  if (given === false) return { ...window, minRequests: Infinity, openMs: 1, maxOpenMs: 1 };
  const rules = {
    openMs: option.integer(1_000, { min: 1, max: maxTimerMs }),
    maxOpenMs: option.integer(4_000, { min: 1, max: maxTimerMs }),
  };
  return { ...window, ...readOptions(packageName, given, rules, "breaker") };
}

export function readEjection(given: EjectionOptions | false, window: WindowSettings): EjectionSettings {
  if (given === false) return { ...window, minRequests: Infinity, connectFailures: Infinity, baseMs: 1, maxMs: 1 };
  const rules = {
    connectFailures: option.integer(3, { min: 1 }),
    baseMs: option.integer(1_000, { min: 1, max: maxTimerMs }),
    maxMs: option.integer(4_000, { min: 1, max: maxTimerMs }),
  };
  return { ...window, ...readOptions(packageName, given, rules, "ejection") };
}

export function readRetries(given: RetryOptions | false) {
  const rules = {
    attempts: option.integer(2, { min: 1, max: 10 }),
    baseDelayMs: option.integer(50, { min: 1, max: maxTimerMs }),
    maxDelayMs: option.integer(2_000, { min: 1, max: maxTimerMs }),
    retryOn: option.custom<readonly number[]>("an array of statuses from 500 to 599, or 429", [502, 503, 504], isListOfRetryable),
    methods: option.custom<readonly string[]>("an array of methods in capital letters, such as `POST`", [], isListOfMethods),
    beforeFallback: option.boolean(false),
    budget: option.custom("a number from 0 to 1", 0.2, (value) => typeof value === "number" && value >= 0 && value <= 1),
  };
  const { retryOn, methods, ...rest } = readOptions(packageName, given === false ? { attempts: 1 } : given, rules, "retries");
  return { ...rest, retryOn: new Set(retryOn), methods: new Set(methods) };
}

/** A value ends at a semicolon or a control character (RFC 6265, 4.1.1). */
const isAttribute = (value: unknown): boolean => typeof value === "string" && /^[ -:<-~]*$/.test(value);

export function readRewrittenCookies(given: RewrittenCookies): RewrittenCookies {
  const rules = {
    domain: option.custom<string | undefined>("a domain, or an empty string to remove it", undefined, isAttribute),
    path: option.custom<string | undefined>("a path", undefined, (value) => isAttribute(value) && String(value).startsWith("/")),
  };
  return defined(readOptions(packageName, given, rules, "rewriteCookies"));
}

export function readPathExchange(given: boolean | PathExchange): boolean | PathExchange {
  if (typeof given === "boolean") return given;
  const beginning = () =>
    option.custom("a path that begins and ends with a slash", "/", (value) => /^\/(?:[!-"$->@-~]*\/)?$/.test(String(value)));
  return readOptions<PathExchange, { from: ReturnType<typeof beginning>; to: ReturnType<typeof beginning> }>(
    packageName,
    given,
    { from: beginning(), to: beginning() },
    "rewriteLocation",
  );
}

function isListOfRetryable(value: unknown): boolean {
  return Array.isArray(value) && value.every((status) => Number.isInteger(status) && (status === 429 || (status >= 500 && status <= 599)));
}

function isListOfMethods(value: unknown): boolean {
  return Array.isArray(value) && value.every((method) => typeof method === "string" && /^[A-Z]{1,20}$/.test(method));
}
