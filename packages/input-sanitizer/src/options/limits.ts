import { option, readOptions } from "@aivillage/middleware";

import { packageName } from "../package-name.ts";

/** How large and how deep the input may be. */
export interface InputLimits {
  /** Bytes of the body, from 1. More gets 413. Default 1 MiB. */
  bodyBytes?: number;
  /** Objects and arrays inside each other, from 1 to 1,000; `{}` has depth 1. Default 32. */
  depth?: number;
  /** Keys of all objects of the document together. Default 1,000. */
  keys?: number;
  /** Members of one array. Default 10,000. */
  arrayLength?: number;
  /** UTF-16 code units of one string or key. Default 100,000. */
  stringLength?: number;
  /** UTF-16 code units of a `data:` URL or other base64 of a picture, sound or document, instead of `stringLength`. Default: as `bodyBytes`. */
  mediaLength?: number;
  /** `name=value` pairs of the query string. Default 100. */
  queryParameters?: number;
  /** Time for the whole body to arrive, in milliseconds, from 1. Later gets 408. Default 30,000. */
  bodyTimeoutMs?: number;
}

export type Limits = Readonly<Required<InputLimits>>;

export function readInputLimits(given: InputLimits | undefined): Limits {
  const limits = readOptions<InputLimits, typeof rules>(packageName, given, rules, "limits");
  return given?.mediaLength === undefined ? { ...limits, mediaLength: limits.bodyBytes } : limits;
}

const rules = {
  bodyBytes: option.integer(1_048_576, { min: 1 }),
  depth: option.integer(32, { min: 1, max: 1_000 }),
  keys: option.integer(1_000),
  arrayLength: option.integer(10_000),
  stringLength: option.integer(100_000),
  mediaLength: option.integer(1_048_576),
  queryParameters: option.integer(100),
  bodyTimeoutMs: option.integer(30_000, { min: 1, max: 2_147_483_647 }),
};
