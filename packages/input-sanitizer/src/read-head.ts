import type { IncomingMessage } from "node:http";

import { type DocumentCheck, makeDocumentCheck } from "./check-document.ts";
import { convertParameters, parameterTypes } from "./convert-parameters.ts";
import type { Input, InputFinding } from "./input.ts";
import type { JSONSchema, readSanitizeInputOptions, SanitizeInputOptions } from "./options.ts";
import { parseQuery, queryString } from "./parse-query.ts";

type Settings = ReturnType<typeof readSanitizeInputOptions>;
type ParamsOf = NonNullable<SanitizeInputOptions["paramsOf"]>;

/** Everything but the body. */
export type HeadInput = Omit<Input, "body">;

/** Reads one part of the request head into a fresh object, or `undefined` when it is not wanted. */
type PartReader = (req: IncomingMessage) => Record<string, unknown> | undefined;

/** @throws HttpProblem for the first part that does not pass */
export function makeHeadReader(settings: Settings): (req: IncomingMessage) => HeadInput {
  const readHeaders = makeHeadersReader(settings.headers);
  const readParams = makeParamsReader(settings.params, settings.paramsOf ?? routerParams);
  const readQuery = makeQueryReader(settings);
  const { limits, screening } = settings;
  const checkHeaders = makeDocumentCheck("headers", settings.headers, limits, screening);
  const checkParams = makeDocumentCheck("params", settings.params, limits, screening);
  const checkQuery = makeDocumentCheck("query", settings.query, limits, screening);

  return function readHead(req) {
    const findings: InputFinding[] = [];
    const checked = (check: DocumentCheck, part: Record<string, unknown>) => {
      const result = check(req, part);
      findings.push(...result.findings);
      return result.document as Record<string, unknown>;
    };
    const headers = readHeaders(req);
    const params = readParams(req);
    return {
      headers: headers && checked(checkHeaders, headers),
      params: params && checked(checkParams, params),
      query: checked(checkQuery, readQuery(req)),
      findings,
    };
  };
}

function makeQueryReader({ query: schema, limits }: Settings): (req: IncomingMessage) => Record<string, unknown> {
  const types = parameterTypes(schema);
  const arrays = new Set([...types].filter(([, type]) => type.startsWith("array:")).map(([name]) => name));
  const shape = { arrays, anyMayRepeat: schema === undefined };
  return (req) => {
    const parameters: Record<string, unknown> = parseQuery(queryString(req), shape, limits);
    convertParameters(parameters, types);
    return parameters;
  };
}

function makeParamsReader(schema: JSONSchema | undefined, paramsOf: ParamsOf): PartReader {
  if (schema === undefined) return () => undefined;
  const types = parameterTypes(schema);
  return (req) => {
    const params = Object.assign(Object.create(null) as Record<string, unknown>, paramsOf(req));
    convertParameters(params, types);
    return params;
  };
}

const routerParams: ParamsOf = (req: IncomingMessage & { params?: Readonly<Record<string, unknown>> }) => req.params;

function makeHeadersReader(schema: JSONSchema | undefined): PartReader {
  if (schema === undefined) return () => undefined;
  const types = parameterTypes(schema);
  const names = [...types.keys()];
  const notLowerCase = names.find((name) => name !== name.toLowerCase());
  if (notLowerCase !== undefined) {
    throw new TypeError(
      `@aivillage/input-sanitizer: option \`headers\` must name headers in lower case, got "${notLowerCase}"; write "${notLowerCase.toLowerCase()}"`,
    );
  }
  return (req) => {
    const headers = Object.create(null) as Record<string, unknown>;
    for (const name of names) if (req.headers[name] !== undefined) headers[name] = req.headers[name];
    convertParameters(headers, types);
    return headers;
  };
}
