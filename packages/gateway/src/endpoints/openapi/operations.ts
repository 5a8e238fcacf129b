import { plainSchema } from "@aivillage/input-sanitizer";

import { ref } from "./components.ts";
import { examples } from "./examples.ts";

type Responses = Record<string, object>;

/** One method of one path, as OpenAPI describes it. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  /** Under which heading a page shows it. */
  readonly tags: readonly [keyof typeof tags];
  readonly security?: readonly object[];
  readonly servers?: readonly object[];
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly responses: Responses;
}

/** The headings, in the order in which a page shows them. */
export const tags = {
  Services: "What clients come for. Needs a key.",
  Gateway: "The gateway itself.",
  Health: "For load balancers and orchestrators.",
  Routes: "Routes of the configuration.",
} as const;

const problemContent = { "application/problem+json": { schema: ref("problem") } };

const meanings: Readonly<Record<number, string>> = {
  400: "The request is malformed.",
  401: "No valid credentials.",
  403: "The credentials do not permit this.",
  404: "Nothing is here for this client.",
  405: "The path takes other methods, see `Allow`.",
  408: "The body did not arrive in time.",
  413: "The body is larger than the gateway accepts.",
  415: "The gateway does not accept the media type of the body.",
  417: "An expectation other than `100-continue`.",
  422: "The input does not fit its schema, or was refused by the screening.",
  429: "Over the limit; `Retry-After` says how long to wait.",
  431: "The header fields are larger than the gateway accepts.",
  500: "An error of the gateway.",
  502: "The service cannot be reached, or its response is not valid.",
  503: "No service can respond now; `Retry-After` says when to try again.",
  504: "The service did not respond in time.",
  508: "The request came through this gateway before.",
};

/** The responses that operations share: a problem for each status. */
export const sharedResponses: Responses = Object.fromEntries(
  Object.entries(meanings).map(([status, description]) => [status, { description, content: problemContent }]),
);

/** Problems by their statuses. */
export function problems(...statuses: readonly number[]): Responses {
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]));
}

/** Statuses that every route can return. */
const anywhere = [400, 405, 408, 417, 429, 431, 500, 503];
const withKey = [401, 403];
/** A service's own responses of these statuses pass as they are. */
const fromService = [502, 503, 504, 508];

/** The responses of a service: its own of any status and type, beside the problems of the gateway. */
export function serviceResponses(success: object, { isPublic, takesBody }: { isPublic: boolean; takesBody: boolean }): Responses {
  const own = [...anywhere, 413, 422, ...(isPublic ? [] : withKey), ...(takesBody ? [415] : []), ...fromService];
  return { "200": success, ...problems(...own), default: anyBody("The response of the service, unchanged.") };
}

/** An operation that the gateway responds to itself. */
export function ownOperation(
  operationId: string,
  summary: string,
  success: Responses,
  tag: Operation["tags"][number] = "Gateway",
): Operation {
  return { operationId, summary, tags: [tag], responses: { ...problems(...anywhere), ...success } };
}

/** An operation of a built-in service: it needs credentials and takes a body. */
export function serviceOperation(operationId: string, summary: string, { body, success }: { body: object; success: object }): Operation {
  const responses = serviceResponses(success, { isPublic: false, takesBody: true });
  return { operationId, summary, tags: ["Services"], responses, security: [{ apiKey: [] }], requestBody: body };
}

/** JSON of one schema, with an example, or of several media types with the same. */
export function json(description: string, schema: object, example: object, ...types: readonly string[]): object {
  const names = types.length === 0 ? ["application/json"] : types;
  return { description, content: Object.fromEntries(names.map((name) => [name, { schema, example }])) };
}

/** A body of JSON that is checked by a schema, with an example that services understand. */
export function jsonBody(schema: object, example: object): object {
  return { required: true, content: { "application/json": { schema: plainSchema(schema), example } } };
}

/** A body of whatever type. */
export function anyBody(description: string): object {
  return { description, content: { "*/*": {} } };
}

/** The text forms of metrics. */
export function anyText(description: string): object {
  const text = { schema: { type: "string" } };
  return { description, content: { "text/plain": text, "application/openmetrics-text": text } };
}

/** What a check of the services finds. */
export function healthResponses(): Responses {
  const types = ["application/json", "application/health+json"];
  return {
    "200": json("Healthy or degraded.", ref("health"), examples.health, ...types),
    "503": json("Unhealthy: no service responds, or a critical one does not.", ref("health"), examples.unhealthy, ...types),
  };
}
