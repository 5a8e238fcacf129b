import type { IncomingMessage } from "node:http";

import { isPlainObject, option, readOptions, returns } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";
import { type InputLimits, readInputLimits } from "./limits.ts";
import { readScreening, type ScreeningOptions } from "./screening-options.ts";

/**
 * A JSON Schema, draft-07, with two more keywords: `screen`, for strings and for all that are in an object or array, is a profile (`"strict"`,
 * `"prose"` or `"model"`), `{ "conversation": profile }`, `{ "flag": profile }` or `{ "off": "why" }`; `clean`, for strings, is an object of
 * `CleanSteps`.
 */
export type JSONSchema = Readonly<Record<string, unknown>>;

/** Options of `sanitizeInput()`. */
export interface SanitizeInputOptions {
  /** Schema of the JSON body. Without it the body is neither read nor touched. Default: none. */
  body?: JSONSchema;
  /**
   * Schema of the query string, an object of strings. Properties of type `integer`, `number`, `boolean` and `array` are
   * converted. Without it every parameter is a string, or an array of strings when it is repeated. Default: none.
   */
  query?: JSONSchema;
  /** Schema of the path parameters, converted like those of the query. Default: none, they are not looked at. */
  params?: JSONSchema;
  /** Schema of the headers, with lower-case names; only the values in its `properties` are looked at. Default: none. */
  headers?: JSONSchema;
  /** Where the path parameters are. Default: `req.params`, where the routers of Express put them. */
  paramsOf?: (req: IncomingMessage) => Readonly<Record<string, unknown>> | undefined;
  /**
   * Whether the schemas are checked against the schema of JSON Schema when the handler is made. Keywords that are unknown, or whose value
   * has the wrong type, are mostly found without it. Set it to `false` for schemas that a test checks: it saves most of the time that it
   * takes to make the first handler. Default: `true`.
   */
  checkSchemas?: boolean;
  /**
   * Whether handlers that run later can read the body from the request as if nobody had, as SvelteKit, Astro, Nuxt, body parsers and proxies
   * do. They get the bytes that the client sent; where the schema has cleaned something, what was checked. Set it to `false` where all handlers
   * use `getInput()`: that saves 10 µs. Default: `true`.
   */
  keepBody?: boolean;
  /** How large and how deep the input may be. */
  limits?: InputLimits;
  /** `false` turns the screening for injections off. Default: on, refusing. */
  screening?: false | ScreeningOptions;
}

const schemaRule = option.custom<JSONSchema | undefined>("a JSON Schema object", undefined, isPlainObject);

/** The options, complete and checked. */
export type SanitizeInputSettings = ReturnType<typeof readSanitizeInputOptions>;

export function readSanitizeInputOptions(given: SanitizeInputOptions | undefined) {
  const options = readOptions(packageName, given, {
    body: schemaRule,
    query: schemaRule,
    params: schemaRule,
    headers: schemaRule,
    paramsOf: option.function<NonNullable<SanitizeInputOptions["paramsOf"]>>(undefined, returns.optionalObject),
    checkSchemas: option.boolean(true),
    keepBody: option.boolean(true),
    limits: option.custom<InputLimits | undefined>("an object of limits", undefined, isPlainObject),
    screening: option.custom<false | ScreeningOptions>(
      "false or an object of screening options",
      {},
      (v) => v === false || isPlainObject(v),
    ),
  });
  return { ...options, limits: readInputLimits(options.limits), screening: options.screening && readScreening(options.screening) };
}
