import { type HealthConfig, healthSchema } from "./health-config.ts";
import { type RouteScreening, routeScreeningSchema } from "./screening-config.ts";
import { type RouteWebSocket, type TargetConfig, targetSchema, webSocketSchema } from "./target-config.ts";
import { limitProperties, tierName } from "./tier-config.ts";

/** Methods that a configured route can take; GET takes HEAD too. */
type RouteMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type JsonSchema = Readonly<Record<string, unknown>>;

/** A limit of one route, beside those of the tiers. */
export interface RouteLimit {
  /** Requests that one client may send in a window. */
  requests: number;
  /** Length of the window in seconds. Default: `rateLimit.windowSeconds`. */
  windowSeconds?: number;
}

/** A route that an operator adds, or the policy of a built-in one. */
export interface RouteConfig {
  /** Path template, such as `/v1/notes/{id}`; a parameter is one segment of letters, digits and `_.:-`. */
  path: string;
  /** Default GET. A built-in path keeps its own. */
  methods?: RouteMethod[];
  /** Origins of the service, or `unix:/run/app.sock` for a Unix socket; replicas of each other; required unless the path is a built-in one. */
  upstream?: string[];
  /** Path at the service, with parameters of `path`. Default: the path of the request. */
  upstreamPath?: string;
  /** True: no credentials needed. Default false. */
  public?: boolean;
  /** Scopes that a principal must all have. Default: none. */
  scopes?: string[];
  /** Tiers of which a principal must have one. Default: any. */
  tiers?: string[];
  /** Further limits. Default: none. */
  limits?: RouteLimit[];
  /** JSON Schema of the query parameters. Default: none are taken. */
  query?: JsonSchema;
  /** JSON Schema of the body, or `stream`: any body passes, unchecked. Required with POST, PUT and PATCH. */
  body?: JsonSchema | "stream";
  /** Seconds that the service may take for its whole response, unless it is a stream. Default: `timeouts.requestSeconds`. */
  timeoutSeconds?: number;
  /** Statuses that count as failures of the service. Default: `breaker.failureStatuses`. */
  failureStatuses?: number[];
  /** How the health of the service is probed. */
  health?: HealthConfig;
  /** How the text of its requests is screened. Default: as `screening` says. */
  screening?: RouteScreening;
  /** How the gateway talks to the service. */
  target?: TargetConfig;
  /** WebSockets through a route that takes GET; `false` for none. Default `{}`: they pass. */
  websocket?: RouteWebSocket | false;
  /** One line for the description of the API. */
  summary?: string;
}

/** Templates of one to sixteen segments, each a name or a parameter. */
const template = "^(/([A-Za-z0-9_.~-]+|\\{[a-z][A-Za-z0-9_]{0,31}\\})){1,16}$";

export const routeSchema = {
  type: "array",
  maxItems: 500,
  items: {
    type: "object",
    additionalProperties: false,
    required: ["path"],
    properties: {
      path: { type: "string", pattern: template, maxLength: 60 },
      methods: { type: "array", items: { enum: ["GET", "POST", "PUT", "PATCH", "DELETE"] }, minItems: 1, uniqueItems: true },
      upstream: {
        type: "array",
        items: { type: "string", pattern: "^(https?://[^\\s?#@]+|unix:/[^\\s?#:]+(:/[^\\s?#:]*)?)$" },
        minItems: 1,
        maxItems: 64,
      },
      upstreamPath: { type: "string", pattern: template, maxLength: 512 },
      public: { type: "boolean" },
      scopes: { type: "array", items: { type: "string", pattern: "^[!#-\\[\\]-~]{1,64}$" }, minItems: 1, maxItems: 32 },
      tiers: { type: "array", items: tierName, minItems: 1, maxItems: 32 },
      limits: {
        type: "array",
        maxItems: 8,
        items: { type: "object", additionalProperties: false, required: ["requests"], properties: limitProperties },
      },
      query: { type: "object" },
      body: { oneOf: [{ const: "stream" }, { type: "object" }] },
      timeoutSeconds: { type: "integer", minimum: 1, maximum: 86_400 },
      failureStatuses: { type: "array", items: { type: "integer", minimum: 400, maximum: 599 }, uniqueItems: true },
      health: healthSchema,
      screening: routeScreeningSchema,
      target: targetSchema,
      websocket: webSocketSchema,
      summary: { type: "string", maxLength: 200 },
    },
  },
} as const;

/** A name for what belongs to one route in limits, health and metrics, such as `v1.notes.id` for `/v1/notes/{id}`. */
export function routeName(path: string): string {
  return path
    .slice(1)
    .replaceAll(/[{}]/g, "")
    .replaceAll(/[^\w.-]/g, ".");
}
