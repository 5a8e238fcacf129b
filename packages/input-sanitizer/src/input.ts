import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import type { InputLocation } from "./place.ts";
import type { Finding } from "./screening/finding.ts";

/** A finding and where it was. */
export interface InputFinding extends Finding {
  readonly location: InputLocation;
  /** JSON pointer into the body, as URI fragment (RFC 6901). */
  readonly pointer?: string;
  /** Name of the query or path parameter. */
  readonly parameter?: string;
  /** Name of the header. */
  readonly header?: string;
}

/** Types of the parts that a route knows by its schemas: `getInput<{ body: Query }>(req)`. */
export interface InputTypes {
  body?: unknown;
  query?: unknown;
  params?: unknown;
  headers?: unknown;
}

type PartOf<T, K extends keyof InputTypes, Otherwise> = T extends { [Part in K]: infer Type } ? Type : Otherwise;

/** What the client sent, after all checks. */
export interface Input<T extends InputTypes = InputTypes> {
  /** The parsed body; `undefined` when there is no body schema or the method came without a body. */
  readonly body: PartOf<T, "body", unknown>;
  /** The parsed query string, an object without prototype. */
  readonly query: PartOf<T, "query", Readonly<Record<string, unknown>>>;
  /** The path parameters, an object without prototype; `undefined` without a schema for them. */
  readonly params: PartOf<T, "params", Readonly<Record<string, unknown>> | undefined>;
  /** The headers that the schema names, an object without prototype; `undefined` without a schema for them. */
  readonly headers: PartOf<T, "headers", Readonly<Record<string, unknown>> | undefined>;
  /** What the screening found and let pass, because of `dryRun` or because its class is only flagged. */
  readonly findings: readonly InputFinding[];
}

export const inputValue = requestValue<Input>("@aivillage/input-sanitizer.input");

/**
 * The checked input of the request, or `undefined` when `sanitizeInput()` has not let it pass.
 *
 * The type argument is a promise of the caller that schema and type agree; nothing is checked against it.
 */
export function getInput<T extends InputTypes = InputTypes>(req: IncomingMessage): Input<T> | undefined {
  return inputValue.get(req);
}
