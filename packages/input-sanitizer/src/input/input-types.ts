import type { Handler } from "@aivillage/middleware";
import type { FromSchema, JSONSchema as JsonSchema } from "json-schema-to-ts";

import type { SanitizeInputOptions } from "../options/options.ts";
import type { Input, InputTypes } from "./input.ts";

declare const types: unique symbol;

/** What `sanitizeInput()` returns: a handler that carries the types of its schemas. */
export interface InputHandler<T extends InputTypes> extends Handler {
  /** For the compiler only; there is no such member. */
  readonly [types]?: T;
}

/** The type of `getInput(req, handler)`, for functions that take it: `InputOf<typeof handler>`. */
export type InputOf<H> = H extends InputHandler<infer T> ? Input<T> : never;

/** The types that the schemas of the options describe. */
export interface InputTypesOf<O extends SanitizeInputOptions> {
  /** With a schema also `undefined`, for a GET, HEAD, DELETE or OPTIONS that came without a body. */
  body: PartType<O, "body", never> | undefined;
  query: PartType<O, "query", Readonly<Record<string, string | readonly string[]>>>;
  params: PartType<O, "params", undefined>;
  headers: PartType<O, "headers", undefined>;
}

type PartType<O, K extends keyof InputTypes, Absent> = K extends keyof O ? TypeOf<NonNullable<O[K]>> : Absent;

/** Defaults of a schema are not filled in. */
interface AsSent {
  keepDefaultedPropertiesOptional: true;
}

/** `unknown` for a schema whose literals the compiler does not know; write it with `as const`. */
type TypeOf<S> = string extends keyof S ? unknown : S extends JsonSchema ? FromSchema<S, AsSent> : unknown;
