/** Methods that a configured route can name; GET takes HEAD too. */
const routeMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"] as const;
type RouteMethod = (typeof routeMethods)[number];

/** Methods whose requests have a body as a rule. DELETE may have one. */
export const methodsWithBody: readonly string[] = ["POST", "PUT", "PATCH", "QUERY"];

/** Sends clients elsewhere instead of asking a service. */
interface RouteRedirect {
  /** Path with parameters of `path`, or a URL that ends in one. The query of the request is added. */
  location: string;
  /** 301, 302, 303, 307 or 308. Default 308, which keeps method and body. */
  status?: number;
}

/** Which requests a route takes, and where it leads. */
export interface RouteMatching {
  /** Path or path template: `/v1/notes/{id}`, `/files/{path+}` for several segments, `/v1/*` for everything below. */
  path: string;
  /** Hosts of the request, such as `api.example.com` or `*.example.com`. Default: every host. */
  host?: string | string[];
  /** Default GET; `any` for all that no other route of the path names, OPTIONS included. A built-in path keeps its own. */
  methods?: RouteMethod[] | "any";
  /** Path at the service, with parameters of `path`. Default: the path of the request. */
  rewrite?: string;
  /** Redirects instead of asking a service. */
  redirect?: RouteRedirect;
  /** Name in limits, health, metrics and `operationId`. Default: made from host and path. */
  name?: string;
}

const hostText = { description: "a host such as api.example.com or *.example.com", type: "string", maxLength: 255 } as const;

export const matchingProperties = {
  path: {
    description: "a path that begins with a slash, such as /v1/notes/{id}, /files/{path+} or /v1/*",
    type: "string",
    pattern: "^/",
    maxLength: 2_048,
  },
  host: {
    description: "a host such as api.example.com, *.example.com for all hosts below it, or a list of them",
    anyOf: [
      hostText,
      {
        description: "a list of 1 to 32 different hosts such as [api.example.com]",
        type: "array",
        items: hostText,
        minItems: 1,
        maxItems: 32,
        uniqueItems: true,
      },
    ],
  },
  methods: {
    description: `any, or a list of ${routeMethods.join(", ")}`,
    anyOf: [
      { const: "any" },
      {
        description: "a list of methods such as [GET, POST]",
        type: "array",
        items: { enum: routeMethods },
        minItems: 1,
        uniqueItems: true,
      },
    ],
  },
  rewrite: { description: "a path such as /v2/notes/{id}", type: "string", minLength: 1, maxLength: 2_048 },
  redirect: {
    description: "an object such as { location: /v2/notes, status: 308 }",
    type: "object",
    additionalProperties: false,
    required: ["location"],
    properties: {
      location: { description: "a path such as /v2/notes/{id}, or a URL that ends in one", type: "string", minLength: 1, maxLength: 2_048 },
      status: { enum: [301, 302, 303, 307, 308] },
    },
  },
  name: {
    description: "1 to 60 letters, digits, `_`, `.` or `-`, such as notes",
    type: "string",
    pattern: "^[A-Za-z0-9][\\w.-]{0,59}$",
  },
} as const;

/** The hosts of a route; one `undefined` for all. */
export function hostsOf({ host }: RouteMatching): readonly (string | undefined)[] {
  return Array.isArray(host) ? host : [host];
}

/** The methods of a route as the router knows them. Calls of models are sent by POST. */
export function methodsOf({
  ai,
  methods = [ai === undefined ? "GET" : "POST"],
}: RouteMatching & { readonly ai?: unknown }): readonly string[] {
  return methods === "any" ? ["ANY"] : methods;
}
