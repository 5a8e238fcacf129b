import type { IncomingMessage } from "node:http";

import { option, readOptions } from "@aivillage/middleware";

import { type InputLimits, readInputLimits } from "./limits.ts";
import { type AttackClass, attackClasses } from "./screening/finding.ts";

/** A JSON Schema, draft-07, with the further keyword `screen`: `"strict"`, `"prose"` or `"off"` on schemas of strings. */
export type JSONSchema = Readonly<Record<string, unknown>>;

/** How strings are screened for injections. */
export interface ScreeningOptions {
  /** Report what would be refused, as `inputFlagged` and `getInput(req).findings`, and let it pass. Default false. */
  dryRun?: boolean;
  /** The classes of attack that count. Default: all. */
  classes?: readonly AttackClass[];
}

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
  /** Schema of the headers, with lower-case names; only the headers in its `properties` are looked at. Default: none. */
  headers?: JSONSchema;
  /** Where the path parameters are. Default: `req.params`, where the routers of Express put them. */
  paramsOf?: (req: IncomingMessage) => Readonly<Record<string, unknown>> | undefined;
  /** How large and how deep the input may be. */
  limits?: InputLimits;
  /** `false` turns the screening for injections off. Default: on, refusing. */
  screening?: false | ScreeningOptions;
}

const name = "@aivillage/input-sanitizer";
const schemaRule = option.custom<JSONSchema | undefined>("a JSON Schema object", undefined, isObject);

export function readSanitizeInputOptions(given: SanitizeInputOptions | undefined) {
  const options = readOptions(name, given, {
    body: schemaRule,
    query: schemaRule,
    params: schemaRule,
    headers: schemaRule,
    paramsOf: option.function<NonNullable<SanitizeInputOptions["paramsOf"]>>(undefined),
    limits: option.custom<InputLimits | undefined>("an object of limits", undefined, isObject),
    screening: option.custom<false | ScreeningOptions>("false or an object of screening options", {}, (v) => v === false || isObject(v)),
  });
  return { ...options, limits: readInputLimits(options.limits), screening: options.screening && readScreening(options.screening) };
}

function readScreening(given: ScreeningOptions): Readonly<Required<ScreeningOptions>> {
  const { dryRun, classes } = readOptions(`${name}: screening`, given, {
    dryRun: option.boolean(false),
    classes: option.custom<readonly AttackClass[]>(`a list of ${attackClasses.join(", ")}`, attackClasses, isListOfClasses),
  });
  return { dryRun, classes: [...classes] };
}

function isListOfClasses(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => attackClasses.some((known) => known === entry));
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
