import type { IncomingMessage } from "node:http";

import { OptionError } from "@aivillage/middleware";

import { type DocumentCheck, makeDocumentCheck } from "./check/check-document.ts";
import { joinFindings, noFindings } from "./check/findings.ts";
import { checkHeaderNames } from "./check/header-names.ts";
import { reportForbiddenKey } from "./check/refused-key.ts";
import type { InputFinding } from "./input/input.ts";
import type { JSONSchema, SanitizeInputOptions, SanitizeInputSettings } from "./options/options.ts";
import { packageName } from "./package-name.ts";
import { convertParameters, parameterTypes } from "./read/convert-parameters.ts";
import { parseQuery, queryString } from "./read/parse-query.ts";

type Part = Readonly<Record<string, unknown>>;
type ParamsOf = NonNullable<SanitizeInputOptions["paramsOf"]>;

/** Everything but the body. */
export interface HeadInput {
  readonly headers: Part | undefined;
  readonly params: Part | undefined;
  readonly query: Part;
  readonly findings: readonly InputFinding[];
}

/** A part of the head after its check. */
interface CheckedPart {
  readonly document: Part;
  readonly findings: readonly InputFinding[];
}

type PartReader = (req: IncomingMessage) => CheckedPart;

/** @throws HttpProblem for the first part that does not pass */
export function makeHeadReader(settings: SanitizeInputSettings): (req: IncomingMessage) => HeadInput {
  const readHeaders = settings.headers && makeHeadersReader(settings.headers, settings);
  const readParams = settings.params && makeParamsReader(settings.params, settings);
  const readQuery = makeQueryReader(settings);

  return function readHead(req) {
    requireHeaderNames(req);
    const headers = readHeaders?.(req);
    const params = readParams?.(req);
    const query = readQuery(req);
    const findings = joinFindings(joinFindings(headers?.findings, params?.findings), query.findings);
    return { headers: headers?.document, params: params?.document, query: query.document, findings };
  };
}

function requireHeaderNames(req: IncomingMessage): void {
  try {
    checkHeaderNames(req);
  } catch (error) {
    reportForbiddenKey(req, "headers", error);
    throw error;
  }
}

function makeQueryReader(settings: SanitizeInputSettings): PartReader {
  const { query: schema, limits } = settings;
  const { check, acceptsEmpty } = makeDocumentCheck("query", schema, settings);
  const types = parameterTypes(schema);
  const arrays = new Set([...types].filter(([, type]) => type.startsWith("array:")).map(([name]) => name));
  const shape = { arrays, anyMayRepeat: schema === undefined };
  return (req) => {
    const query = queryString(req);
    if (query === "" && acceptsEmpty) return { document: Object.create(null) as Part, findings: noFindings };
    const parameters: Record<string, unknown> = parseQuery(query, shape, limits);
    convertParameters(parameters, types);
    return asPart(check(req, parameters));
  };
}

function makeParamsReader(schema: JSONSchema, settings: SanitizeInputSettings): PartReader {
  const { paramsOf = routerParams } = settings;
  const { check } = makeDocumentCheck("params", schema, settings);
  const types = parameterTypes(schema);
  return (req) => {
    const params = Object.assign(Object.create(null) as Record<string, unknown>, paramsOf(req));
    convertParameters(params, types);
    return asPart(check(req, params));
  };
}

const routerParams: ParamsOf = (req: IncomingMessage & { params?: Part }) => req.params;

function makeHeadersReader(schema: JSONSchema, settings: SanitizeInputSettings): PartReader {
  const types = parameterTypes(schema);
  const names = [...types.keys()];
  requireLowerCase(names);
  const { check } = makeDocumentCheck("headers", schema, settings);
  return (req) => {
    const headers = Object.create(null) as Record<string, unknown>;
    for (const name of names) if (Object.hasOwn(req.headers, name)) headers[name] = req.headers[name];
    convertParameters(headers, types);
    return asPart(check(req, headers));
  };
}

function requireLowerCase(names: readonly string[]): void {
  const name = names.find((each) => each !== each.toLowerCase());
  if (name === undefined) return;
  const expected = "headers in lower case";
  throw new OptionError({
    packageName,
    option: "headers",
    expected,
    got: name,
    reason: `option \`headers\` must name ${expected}, got "${name}"; write "${name.toLowerCase()}"`,
  });
}

function asPart({ document, findings }: ReturnType<DocumentCheck["check"]>): CheckedPart {
  return { document: document as Part, findings };
}
