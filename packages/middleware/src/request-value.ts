import type { IncomingMessage } from "node:http";

import { processState } from "./across-copies.ts";

/** A typed place on the request. The package that owns it exports only a getter; the setter stays inside. */
export interface RequestValue<T> {
  /** The value, or `undefined` when the producing middleware has not run. */
  get(req: IncomingMessage): T | undefined;
  set(req: IncomingMessage, value: T): void;
}

/** The names of all values, and the list of a request that has none. Every copy of this package in the process uses the same. */
const { positions, empty } = processState("@aivillage/middleware.requestValues", {
  positions: new Map<string, number>(),
  empty: [] as unknown[],
});

const list = Symbol.for("@aivillage/middleware.requestValues");

interface Carrier extends IncomingMessage {
  [list]?: unknown[];
}

/**
 * Makes a place on the request for one value.
 *
 * All values of a request are in one list under a symbol, so enumeration and JSON do not see them. A symbol for each value would change the
 * shape of the request a dozen times, and reading one would be a search; a WeakMap is slower still. Two copies of a package in one process
 * share the value.
 *
 * @param name package and value, such as `@aivillage/request-id.id`
 */
export function requestValue<T>(name: string): RequestValue<T> {
  const position = positionOf(name);
  return {
    get: (req: Carrier) => req[list]?.[position] as T | undefined,
    set: (req: Carrier, value) => {
      (req[list] ??= empty.slice())[position] = value;
    },
  };
}

function positionOf(name: string): number {
  const known = positions.get(name);
  if (known !== undefined) return known;
  const position = empty.push(undefined) - 1;
  positions.set(name, position);
  return position;
}
