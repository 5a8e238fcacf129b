import { types } from "node:util";

/** Whether a value is a function that is not declared `async`. One that returns a promise in another way shows only when it is called. */
export function isSyncFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === "function" && !types.isAsyncFunction(value);
}

/**
 * The result of a function that is an option, unless it is a promise, which would count as true wherever it is asked.
 *
 * @param packageName such as `@aivillage/rate-limit`
 * @param optionName such as `skip`
 * @throws TypeError for a promise
 */
export function syncResult<T>(packageName: string, optionName: string, result: T): T {
  if (typeof result !== "object" || result === null || !("then" in result)) return result;
  // Its rejection would end the process.
  if (result instanceof Promise) result.catch(() => undefined);
  throw new TypeError(
    `${packageName}: \`${optionName}\` must return its result, got a promise; await before the middleware and keep the value`,
  );
}
