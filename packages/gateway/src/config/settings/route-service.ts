import { type Duration, durationSchema } from "./durations.ts";
import { type HealthConfig, healthSchema } from "./health-config.ts";
import { type KeyHeader, keyFileSchema, keyHeaders } from "./key-headers.ts";
import { type ModelNames, modelNamesSchema } from "./model-names.ts";
import { type RouteWebSocket, type TargetConfig, targetSchema, webSocketSchema } from "./target-config.ts";

/** How long a service may take. What is left out follows from `timeouts.requestSeconds`. */
interface RouteTimeouts {
  /** For a free connection, and again for making one. Default 5 s. */
  connect?: Duration;
  /** For the head of the response, from when the request was sent. */
  headers?: Duration;
  /** For the first event of a stream, or the first byte of another response, from when the request was sent. Default: none. */
  firstEvent?: Duration;
  /** For each silence within the response. */
  idle?: Duration;
  /** For the whole response, unless it is a stream. */
  total?: Duration;
  /** For a stream. Default: `timeouts.maxStreamSeconds`. */
  stream?: Duration;
}

/** When a request is sent to the service again. */
export interface RouteRetries {
  attempts?: number;
  baseDelay?: Duration;
  maxDelay?: Duration;
  statuses?: number[];
  /** Further methods that may be sent twice. Default: none. */
  methods?: string[];
  /** Tries the same service again before its fallback. Default `false`. */
  beforeFallback?: boolean;
  budget?: number;
}

/** How many failures open the circuit breaker, and for how long. */
export interface RouteBreaker {
  window?: Duration;
  minRequests?: number;
  minClients?: number;
  share?: number;
  open?: Duration;
  maxOpen?: Duration;
}

/** When one of several replicas gets no requests for a while. */
export interface RouteEjection {
  connectFailures?: number;
  base?: Duration;
  max?: Duration;
}

const fallbackReasons = ["connect_error", "refused", "reset", "timeout", "server_error"] as const;

/** Services that are asked when the first one fails, in their order. */
export interface RouteFallback {
  upstream: string[];
  /** Path at this service. Default: that of the first one. */
  path?: string;
  /** File with the key of this service. It is read again when it changes. */
  keyFile?: string;
  /** Header that carries it. Default: that of the route's `upstreamKeyFile`. */
  keyHeader?: KeyHeader;
  /** Names of models at this service, by those that clients use. Default: the same. */
  modelNames?: ModelNames;
  /** Sends it the credentials of the first service, although its origin is another one. Default false. */
  shareCredentials?: boolean;
}

/** The service of a route, and how it is asked. */
export interface RouteService {
  /** Origins of the service, or `unix:/run/app.sock`; replicas of each other; required unless the path is a built-in one or redirected. */
  upstream?: string[];
  timeouts?: RouteTimeouts;
  /** Writes a comment into an event stream that has been silent for this long. Default: none. */
  heartbeat?: Duration;
  /** `false` for none. */
  retries?: RouteRetries | false;
  /** `false` for none. */
  breaker?: RouteBreaker | false;
  /** `false` for none. */
  ejection?: RouteEjection | false;
  fallback?: RouteFallback[];
  /** Failures that lead to the fallback. Default: all of them. */
  fallbackOn?: (typeof fallbackReasons)[number][];
  /** Statuses with which a service declines a request that a replica or a fallback may take. Default: none. */
  failOverStatuses?: number[];
  /** Statuses that count as failures of the service. Default: `breaker.failureStatuses`. */
  failureStatuses?: number[];
  /** How the health of the service is probed. */
  health?: HealthConfig;
  /** How the gateway talks to the service. */
  target?: TargetConfig;
  /** WebSockets through a route that takes GET; `false` for none. Default `{}`: they pass. */
  websocket?: RouteWebSocket | false;
}

const object = (description: string, properties: object) =>
  ({ description, type: "object", additionalProperties: false, properties }) as const;
const switchable = (example: string, properties: object) =>
  ({ ...object(`false, or an object such as ${example}`, properties), type: ["object", "boolean"], not: { const: true } }) as const;
const integer = { type: "integer", minimum: 1, maximum: 1_000_000 } as const;
const statuses = (minimum: number) =>
  ({
    description: `a list of different statuses from ${minimum} to 599 such as [${minimum + 3}]`,
    type: "array",
    items: { type: "integer", minimum, maximum: 599 },
    uniqueItems: true,
  }) as const;
const upstream = {
  description: 'a list such as ["http://notes:9000"] of at most 64 URLs, replicas of one service',
  type: "array",
  items: { description: "a URL such as http://notes:9000", type: "string", maxLength: 2_048 },
  minItems: 1,
  maxItems: 64,
} as const;

export const serviceProperties = {
  upstream,
  timeouts: object("an object such as { connect: 2s, total: 30s }", {
    connect: durationSchema,
    headers: durationSchema,
    firstEvent: durationSchema,
    idle: durationSchema,
    total: durationSchema,
    stream: durationSchema,
  }),
  heartbeat: durationSchema,
  retries: switchable("{ attempts: 3 }", {
    attempts: { type: "integer", minimum: 1, maximum: 10 },
    baseDelay: durationSchema,
    maxDelay: durationSchema,
    statuses: statuses(429),
    methods: {
      description: "a list of methods such as [POST]",
      type: "array",
      items: { description: "a method such as POST", type: "string", pattern: "^[A-Z]{1,20}$" },
      uniqueItems: true,
    },
    beforeFallback: { type: "boolean" },
    budget: { type: "number", minimum: 0, maximum: 1 },
  }),
  breaker: switchable("{ minRequests: 20, open: 10s }", {
    window: durationSchema,
    minRequests: integer,
    minClients: integer,
    share: { type: "number", exclusiveMinimum: 0, maximum: 1 },
    open: durationSchema,
    maxOpen: durationSchema,
  }),
  ejection: switchable("{ connectFailures: 3 }", { connectFailures: integer, base: durationSchema, max: durationSchema }),
  fallback: {
    description: 'a list of 1 to 8 services such as [{ upstream: ["http://spare:9000"] }]',
    type: "array",
    minItems: 1,
    maxItems: 8,
    items: {
      ...object('an object such as { upstream: ["http://spare:9000"] }', {
        upstream,
        path: { description: "a path such as /v2/notes/{id}", type: "string", minLength: 1, maxLength: 2_048 },
        keyFile: keyFileSchema,
        keyHeader: { enum: keyHeaders },
        modelNames: modelNamesSchema,
        shareCredentials: { type: "boolean" },
      }),
      required: ["upstream"],
    },
  },
  fallbackOn: {
    description: "a list of failures such as [timeout, server_error]",
    type: "array",
    items: { enum: fallbackReasons },
    minItems: 1,
    uniqueItems: true,
  },
  failOverStatuses: statuses(400),
  failureStatuses: statuses(400),
  health: healthSchema,
  target: targetSchema,
  websocket: webSocketSchema,
} as const;
