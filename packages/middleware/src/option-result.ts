import { isPromise } from "node:util/types";

/** What a function that is an option may return. */
export interface ResultRule {
  /** Completes "must return …" in the error. */
  readonly expected: string;
  readonly accepts: (result: unknown) => boolean;
}

const rule = (expected: string, accepts: (result: unknown) => boolean): ResultRule => ({ expected, accepts });

/** Rules for what the functions among the options return. A promise is never accepted, since it would count as true wherever it is asked. */
export const returns = {
  boolean: rule("true or false", (result) => typeof result === "boolean"),
  string: rule("a string", (result) => typeof result === "string"),
  optionalString: rule("a string or undefined", (result) => result === undefined || typeof result === "string"),
  object: rule("an object", (result) => isPlainObject(result)),
  optionalObject: rule("an object or undefined", (result) => result === undefined || isPlainObject(result)),
  /** Anything but a promise. */
  value: rule("its result", (result) => !isThenable(result)),
  /** The function is only notified. If it returns a promise, its rejection must not end the process. */
  nothing: rule("nothing", (result) => {
    if (isPromise(result)) result.catch(warnOfOption);
    return true;
  }),
  /** Any other check; say in `expected` what completes "must return …". */
  custom: rule,
} as const;

/**
 * The function with a check of what it returns. A wrong result is an error of the program, so it must not be taken for another value nor
 * for a mistake of the client.
 *
 * @throws TypeError when the function is called and returns something else
 */
export function withCheckedResult<Arguments extends unknown[], T>(
  packageName: string,
  optionName: string,
  resolve: (...args: Arguments) => T,
  { expected, accepts }: ResultRule,
): (...args: Arguments) => T {
  return (...args) => {
    const result = resolve(...args);
    if (accepts(result)) return result;
    throw badResult(packageName, optionName, expected, result);
  };
}

const reported = new Set<string>();

/** Most messages that are remembered, so that each is reported once. */
const mostReported = 100;

/** Warns, once per message, of an option that failed where no request can be refused for it any more. */
export function warnOfOption(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  if (reported.has(message) || reported.size >= mostReported) return;
  reported.add(message);
  process.emitWarning(message, { code: "AIVILLAGE_OPTION_FAILED" });
}

/** The value is not shown: it may be a secret. */
function badResult(packageName: string, optionName: string, expected: string, result: unknown): TypeError {
  if (!isThenable(result)) return new TypeError(`${packageName}: \`${optionName}\` must return ${expected}, got ${kindOf(result)}`);
  // Its rejection would end the process.
  if (isPromise(result)) result.catch(() => undefined);
  return new TypeError(
    `${packageName}: \`${optionName}\` must return its result, got a promise; await before the middleware and keep the value`,
  );
}

function isThenable(result: unknown): boolean {
  return typeof result === "object" && result !== null && "then" in result && typeof result.then === "function";
}

/** Whether a value has its content in its members, which an array, a promise, a `Map`, a `Set` and `Headers` do not. */
export function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !isThenable(value) && !(Symbol.iterator in value);
}

/** The kind of a value, for an error that must not show the value itself. */
export function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if (Array.isArray(value)) return "array";
  return isPlainObject(value) ? "object" : Object.prototype.toString.call(value).slice("[object ".length, -1);
}
