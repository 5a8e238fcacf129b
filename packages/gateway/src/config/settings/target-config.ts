import { builtInServices, type ServiceName } from "./built-in-services.ts";

/** Connections to the replicas of a service. */
interface TargetConnections {
  /** Maximum connections of one process to each replica. Default 2,048. */
  max?: number;
  /** Seconds after which a connection is replaced, so that changes of DNS and added replicas are noticed. Default 60; 0 for never. */
  maxAgeSeconds?: number;
  /** Requests after which a connection is replaced. Default 0: no limit. */
  maxRequests?: number;
  /** Seconds that an idle connection is reused; must be below what the service closes idle connections after. Default 1.5. */
  idleSeconds?: number;
}

/** TLS with a service. */
export interface TargetTls {
  /** PEM file of the authorities that are trusted instead of the usual ones. */
  caFile?: string;
  /** PEM files of the certificate that the gateway presents, and of its key (mTLS). */
  certFile?: string;
  keyFile?: string;
  /** Name in the service's certificate. Default: the host of its URL. */
  serverName?: string;
}

/** A cookie that the gateway sets. */
interface InsertedCookie {
  name: string;
  insert: true;
  /** Default `/`. */
  path?: string;
  /** Sent with `https:` only. Default true. */
  secure?: boolean;
  /** Default `Lax`. */
  sameSite?: "Strict" | "Lax" | "None";
  /** Default: until the browser is closed. */
  maxAgeSeconds?: number;
}

/** By what requests of one session are recognised: a request header, a cookie of the service or of the gateway, or the client itself. */
export type TargetAffinity = { header: string } | { cookie: string | InsertedCookie } | "client";

/** How the gateway talks to a service. */
export interface TargetConfig {
  tls?: TargetTls;
  connections?: TargetConnections;
  /** Sends all requests of a session to one replica. Default: to any. */
  affinity?: TargetAffinity;
  /** Shares of the replicas, in the order of their URLs. Default: the less busy of two. */
  weights?: number[];
  /** Speaks HTTP/2 with the service, for gRPC. Default false. */
  http2?: boolean;
  /** Outbound proxy: a URL, or `environment` for `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Default: none. */
  outboundProxy?: string;
  /** Largest head of a response in bytes. Default 16,384. */
  maxHeaderBytes?: number;
  /** Replaces the address of the service in `Location`. Default true. */
  rewriteLocation?: boolean;
  /** Replaces `Domain` and `Path` of the service's cookies; an empty domain removes it. Default: they stay. */
  rewriteCookies?: { domain?: string; path?: string };
}

/** Settings of a built-in service. */
export interface ServiceTarget extends TargetConfig {
  service: ServiceName;
}

/** The settings of a built-in service; `undefined` for none. */
export function targetOf(targets: readonly ServiceTarget[], name: ServiceName): TargetConfig | undefined {
  return targets.find(({ service }) => service === name);
}

/** WebSockets of a route. */
export interface RouteWebSocket {
  /** Seconds of silence in both directions after which a connection is closed. Default 300. */
  idleSeconds?: number;
  /** Seconds that a connection may last. Default: `timeouts.maxStreamSeconds`. */
  maxSeconds?: number;
}

const file = { description: "the path of a PEM file such as /run/secrets/ca.pem", type: "string", minLength: 1, maxLength: 4_096 };
const name = {
  description: "1 to 64 characters of a header or cookie name, such as X-Session-Id",
  type: "string",
  pattern: "^[\\w!#$%&'*+.^`|~-]{1,64}$",
};
const seconds = (minimum: number) => ({ type: "number", minimum, maximum: 86_400 });
const object = (description: string, properties: object) => ({ description, type: "object", additionalProperties: false, properties });

const insertedCookie = {
  ...object("an object such as { name: replica, insert: true }", {
    name,
    insert: { const: true },
    path: { description: "a path that begins with a slash, such as /notes", type: "string", pattern: "^/" },
    secure: { type: "boolean" },
    sameSite: { enum: ["Strict", "Lax", "None"] },
    maxAgeSeconds: { type: "integer", minimum: 1 },
  }),
  required: ["name", "insert"],
};

const cookieOrInserted = {
  description: "a cookie name, or an object such as { name: replica, insert: true }",
  anyOf: [name, insertedCookie],
};

const properties = {
  tls: object("an object such as { caFile: /run/secrets/ca.pem }", {
    caFile: file,
    certFile: file,
    keyFile: file,
    serverName: { ...file, description: "a host name such as notes.internal" },
  }),
  connections: object("an object such as { max: 100, idleSeconds: 4 }", {
    max: { type: "integer", minimum: 1, maximum: 65_535 },
    maxAgeSeconds: seconds(0),
    maxRequests: { type: "integer", minimum: 0 },
    idleSeconds: seconds(0.1),
  }),
  affinity: {
    description: "client, { header: X-Session-Id }, { cookie: sid } or { cookie: { name: replica, insert: true } }",
    anyOf: [
      { const: "client" },
      { ...object("an object such as { header: X-Session-Id }", { header: name }), required: ["header"] },
      { ...object("an object such as { cookie: sid }", { cookie: cookieOrInserted }), required: ["cookie"] },
    ],
  },
  weights: {
    description: "a list of 1 to 64 integers from 0 to 1000000, one for each replica, such as [9, 1]",
    type: "array",
    items: { type: "integer", minimum: 0, maximum: 1_000_000 },
    minItems: 1,
    maxItems: 64,
  },
  http2: { type: "boolean" },
  outboundProxy: {
    description: "environment, or the URL of a proxy such as http://proxy:3128",
    type: "string",
    pattern: "^(environment|https?://[^\\s/?#]+/?)$",
  },
  maxHeaderBytes: { type: "integer", minimum: 1_024, maximum: 1_048_576 },
  rewriteLocation: { type: "boolean" },
  rewriteCookies: object("an object such as { domain: app.example, path: / }", {
    domain: { type: "string" },
    path: { description: "a path that begins with a slash, such as /notes", type: "string", pattern: "^/" },
  }),
};

const example = "an object such as { connections: { max: 100 } }";

export const targetSchema = object(example, properties);

export const targetsSchema = {
  type: "array",
  maxItems: builtInServices.length,
  items: {
    ...object("an object such as { service: twin, connections: { max: 100 } }", { service: { enum: builtInServices }, ...properties }),
    required: ["service"],
  },
};

const webSocket = "an object such as { idleSeconds: 300 }";

export const webSocketSchema = {
  description: `false, or ${webSocket}`,
  anyOf: [{ const: false }, object(webSocket, { idleSeconds: seconds(1), maxSeconds: seconds(0) })],
};
