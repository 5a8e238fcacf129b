import type { Finding } from "@aivillage/screening";

import type { InputLocation } from "../problems/location.ts";

/** A finding and where it was. */
export interface InputFinding extends Finding {
  /** `block` if it refuses the request, or would if the mode was not `flag`; `flag` if it only is reported. */
  readonly outcome: "block" | "flag";
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
  /**
   * The JSON text that `body` was read from, to forward it without serialising it again. It is valid UTF-8, and no key comes twice. Integers
   * beyond ±(2^53 - 1) have all their digits here, and are rounded in `body`. `undefined` when the keyword `clean` changed something, and
   * when another parser had read the body.
   */
  readonly text: string | undefined;
  /** The bytes of `text`, to be sent on without encoding it again. Do not change them. `undefined` when `text` is. */
  readonly bytes: Buffer | undefined;
  /** The parsed query string, an object without prototype. */
  readonly query: PartOf<T, "query", Readonly<Record<string, unknown>>>;
  /** The path parameters, an object without prototype; `undefined` without a schema for them. */
  readonly params: PartOf<T, "params", Readonly<Record<string, unknown>> | undefined>;
  /** The headers that the schema names, an object without prototype; `undefined` without a schema for them. */
  readonly headers: PartOf<T, "headers", Readonly<Record<string, unknown>> | undefined>;
  /** What the screening found and let pass: what is only flagged, and in mode `flag` everything. */
  readonly findings: readonly InputFinding[];
}
