import { types } from "node:util";

/** Whether a value is a function that is not declared `async`. One that returns a promise in another way shows only when it is called. */
export function isSyncFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === "function" && !types.isAsyncFunction(value);
}
