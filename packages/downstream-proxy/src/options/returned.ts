import { Readable } from "node:stream";

import { returns } from "@aivillage/middleware";

/** What the option functions must return that no common rule describes. */
export const returned = {
  path: returns.custom("a path with a query, percent-encoded", (result) => typeof result === "string"),
  headers: returns.custom("an object of header names with strings or undefined, or undefined", isHeaders),
  body: returns.custom("an object with `contentType` and `body`, or undefined", (result) => result === undefined || isReplacedBody(result)),
  bodyOfTarget: returns.custom("a Buffer", (result) => Buffer.isBuffer(result)),
} as const;

function isHeaders(result: unknown): boolean {
  if (!returns.optionalObject.accepts(result)) return false;
  for (const value of Object.values(result ?? {})) if (value !== undefined && typeof value !== "string") return false;
  return true;
}

function isReplacedBody(result: unknown): boolean {
  const { contentType, body } = Object(result) as { contentType?: unknown; body?: unknown };
  return typeof contentType === "string" && (typeof body === "string" || Buffer.isBuffer(body) || body instanceof Readable);
}
