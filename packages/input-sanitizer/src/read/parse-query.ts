import type { IncomingMessage } from "node:http";

import type { Limits } from "../options/limits.ts";
import { shorten } from "../problems/location.ts";
import { invalidInput, malformedQuery, tooComplex } from "../problems/problems.ts";

/** Parameters by name: a string, or an array where the name was repeated or its schema says so. */
export type Parameters = Record<string, string | string[]>;

/** Which parameters may be repeated: those of type array when there is a schema, otherwise all. */
export interface QueryShape {
  readonly arrays: ReadonlySet<string>;
  readonly anyMayRepeat: boolean;
}

/** What stands after the first `?` of the request target; Express and Connect leave it alone when they mount. */
export function queryString(req: IncomingMessage): string {
  const target = req.url ?? "";
  const start = target.indexOf("?");
  return start === -1 ? "" : target.slice(start + 1);
}

/**
 * Parses a query string (WHATWG URL, 5.1) into an object without prototype; brackets and dots in names mean nothing.
 *
 * @throws HttpProblem 400 for a bad percent sequence, 422 for too many or wrongly repeated parameters
 */
export function parseQuery(query: string, shape: QueryShape, limits: Limits): Parameters {
  const parameters = Object.create(null) as Parameters;
  let count = 0;
  for (let start = 0; start < query.length;) {
    const separator = query.indexOf("&", start);
    const end = separator === -1 ? query.length : separator;
    if (end > start) {
      count += 1;
      if (count > limits.queryParameters) throw tooComplex(`more than ${limits.queryParameters} query parameters`);
      addPair(parameters, query.slice(start, end), shape);
    }
    start = end + 1;
  }
  return parameters;
}

function addPair(parameters: Parameters, pair: string, shape: QueryShape): void {
  const equals = pair.indexOf("=");
  const name = decode(equals === -1 ? pair : pair.slice(0, equals));
  const value = equals === -1 ? "" : decode(pair.slice(equals + 1));
  const known = parameters[name];
  if (known === undefined) parameters[name] = shape.arrays.has(name) ? [value] : value;
  else if (Array.isArray(known)) known.push(value);
  else if (shape.anyMayRepeat) parameters[name] = [known, value];
  else throw invalidInput([{ detail: "must not be repeated", parameter: shorten(name) }]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.includes("+") ? text.replaceAll("+", " ") : text);
  } catch {
    throw malformedQuery("The query string has a percent sign without two hexadecimal digits, or bytes that are not UTF-8.");
  }
}
