import { IncomingMessage } from "node:http";
import { types } from "node:util";

import { optionError, OptionError, unknownOption } from "./option-error.ts";
import { isPlainObject, kindOf, type ResultRule, returns, withCheckedResult } from "./option-result.ts";
import { isSyncFunction } from "./sync-function.ts";

/** How one option is checked and what stands in for it when it is absent. */
export interface OptionRule<T> {
  /** Completes "must be …" in the error. */
  readonly expected: string;
  readonly fallback: T;
  readonly accepts: (value: unknown) => boolean;
  /** What the option must return if it is a function. Only the caller's function is checked, not the fallback. */
  readonly returns?: ResultRule | undefined;
}

/** One rule for every option of a factory. */
export type OptionRules<T> = { readonly [K in keyof T]-?: OptionRule<T[K]> };

const rule = <T>(expected: string, fallback: NoInfer<T>, accepts: (value: unknown) => boolean, result?: ResultRule): OptionRule<T> => ({
  expected,
  fallback,
  accepts,
  returns: result,
});

function integerRule(fallback: number, range?: { min?: number; max?: number }): OptionRule<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range ?? {};
  const expected = max === Number.MAX_SAFE_INTEGER ? `an integer, at least ${min}` : `an integer from ${min} to ${max}`;
  return rule(expected, fallback, (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max);
}

// oxlint-disable-next-line typescript/no-explicit-any -- a function of any signature; the options type fixes which
type AnyFunction = (...args: any[]) => unknown;

function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === "function";
}

function functionRule<T extends AnyFunction>(fallback: undefined, result?: ResultRule): OptionRule<T | undefined>;
function functionRule<T extends AnyFunction>(fallback: T, result?: ResultRule): OptionRule<T>;
function functionRule<T extends AnyFunction>(fallback: T | undefined, result: ResultRule = returns.value): OptionRule<T | undefined> {
  return rule<T | undefined>("a function", fallback, isSyncFunction, result);
}

function notifiedRule<T extends AnyFunction>(fallback: undefined): OptionRule<T | undefined>;
function notifiedRule<T extends AnyFunction>(fallback: T): OptionRule<T>;
function notifiedRule<T extends AnyFunction>(fallback: T | undefined): OptionRule<T | undefined> {
  return rule<T | undefined>("a function", fallback, isFunction, returns.nothing);
}

/** Rules for the usual kinds of option; the first argument is the default. */
export const option = {
  boolean: (fallback: boolean) => rule<boolean>("true or false", fallback, (value) => typeof value === "boolean"),
  integer: integerRule,
  string: (fallback: string) => rule<string>("a non-empty string", fallback, (value) => typeof value === "string" && value !== ""),
  oneOf: <const T extends string>(values: readonly T[], fallback: NoInfer<T>) =>
    rule<T>(`one of ${values.map((value) => `"${value}"`).join(", ")}`, fallback, (value) => values.some((known) => known === value)),
  /**
   * A function whose result is used at once: an `async` one is refused, since its promise would count as true. What it returns is checked
   * at each call, by default that it is no promise; see `returns`.
   */
  function: functionRule,
  /**
   * A function that is only notified of something. It may be `async`: what it returns is of no interest, and a rejection becomes a process
   * warning instead of the end of the process.
   */
  notified: notifiedRule,
  /** A function that may be `async`: its result is awaited. */
  asyncFunction: <T extends AnyFunction>(fallback: T | undefined) => rule<T | undefined>("a function", fallback, isFunction),
  /** Any other check; say in `expected` what completes "must be …". Give `result` if the option may be a function. */
  custom: <T>(expected: string, fallback: T, accepts: (value: unknown) => boolean, result?: ResultRule) =>
    rule<T>(expected, fallback, accepts, result),
} as const;

/** The options after reading: every one present, of the type that its rule yields. */
type Filled<R> = { [K in keyof R]: R[K] extends OptionRule<infer V> ? V : never };

const forgottenCall = "a request; call the function and mount the handler that it returns, as in `app.use(notFound())`";

/**
 * Checks the options of a factory against its rules and fills in the defaults.
 *
 * An option that is absent or `undefined` takes its default; a bad value is never replaced.
 *
 * @param path where a nested object stands, such as `policies[0]`; the errors then name `policies[0].limit`
 * @param foreign names of options that similar packages have, each with what to write here instead
 * @throws OptionError for an unknown option, a bad value, or options that are no object
 */
export function readOptions<T extends object, R extends OptionRules<T>>(
  packageName: string,
  given: T | undefined,
  rules: R & OptionRules<T>,
  path = "",
  foreign: Readonly<Record<string, string>> = {},
): Filled<R> {
  const prefix = path === "" ? "" : `${path}.`;
  const wrongKind = given instanceof IncomingMessage ? forgottenCall : !isPlainObject(given) && kindOf(given);
  if (given !== undefined && wrongKind !== false)
    throw new OptionError({ packageName, option: path, expected: "an object", got: wrongKind });
  const unknownName = Object.keys(given ?? {}).find((name) => !Object.hasOwn(rules, name));
  if (unknownName !== undefined) throw unknownOption(packageName, unknownName, Object.keys(rules), prefix, foreign[unknownName]);
  const values: Record<string, unknown> = { ...given };
  return Object.fromEntries(
    Object.entries<OptionRule<unknown>>(rules).map(([name, ruleOfName]) => [
      name,
      readOption(packageName, prefix + name, values[name], ruleOfName),
    ]),
  ) as Filled<R>;
}

function readOption(packageName: string, name: string, value: unknown, ruleOfName: OptionRule<unknown>): unknown {
  const { expected, fallback, accepts, returns: result } = ruleOfName;
  if (value === undefined) return fallback;
  if (!accepts(value)) throw optionError(packageName, name, types.isAsyncFunction(value) ? `${expected}${notAsync}` : expected, value);
  return result !== undefined && isFunction(value) ? withCheckedResult(packageName, name, value, result) : value;
}

const notAsync = "; it must not be async, because its result is used at once";
