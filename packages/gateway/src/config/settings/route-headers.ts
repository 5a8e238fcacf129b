/** Where the value of a request header comes from. A file is read again when it changes. */
export interface HeaderSource {
  value?: string;
  /** Path of a file that holds the value; white space around it is removed. */
  file?: string;
  /** Name of an environment variable. */
  env?: string;
  /** Text before the value, such as `Bearer `. Default: none. */
  prefix?: string;
}

/** A text sets a header, `true` forwards the client's own, `false` drops it. */
export type RequestHeaderRule = string | boolean | HeaderSource;

/** A short-lived signed token that says who the client is. */
interface IdentityToken {
  /** File with the key: a private key (PEM, PKCS #8) for EdDSA, ES256 or RS256, or at least 32 characters for HS256. */
  keyFile: string;
  /** `aud` of the token. Default: the name of the route. */
  audience?: string;
  /** Seconds that it is valid. Default 60. */
  lifetimeSeconds?: number;
}

/** What a route changes in the headers of requests and responses. */
export interface RouteHeaders {
  /** Headers that the service gets, by name. */
  requestHeaders?: Record<string, RequestHeaderRule>;
  /** True: the service gets the client's `Authorization`, unless it is a key of the gateway. Only with `public: true`. Default false. */
  forwardAuthorization?: boolean;
  /** True: the service gets the client's cookies. Default false. */
  forwardCookies?: boolean;
  /** False: the service gets no `X-Forwarded-*`, `Forwarded` and `Via`. Default: true without `upstreamKeyFile`, otherwise false. */
  sendForwarded?: boolean;
  /** Headers that the client gets, by name: a text sets one, `false` removes one, no matter which handler set it. */
  responseHeaders?: Record<string, string | false>;
  /** `api` or `web`, or such a preset with changes; `service`: those of the service win. Default `api`. */
  securityHeaders?: "api" | "web" | "service" | RouteSecurityHeaders;
  /** How the service learns the client's identity: `headers` for `X-Gateway-Principal` and the like, or a signed token. Default: it does not. */
  identity?: "headers" | IdentityToken;
}

/** Options of `securityHeaders()`. */
interface RouteSecurityHeaders {
  preset?: "api" | "web";
  contentSecurityPolicy?: Record<string, string[] | false> | false;
  permissionsPolicy?: Record<string, string[]> | false;
  headers?: Record<string, string | false>;
}

const text = { type: "string", maxLength: 8_192 } as const;
const names = { propertyNames: { description: "a header name such as X-Tenant-Id", pattern: "^[A-Za-z\\d-]{1,100}$" } } as const;

export const headersProperties = {
  requestHeaders: {
    description: "an object of at most 100 headers such as { X-Tenant-Id: acme }",
    type: "object",
    maxProperties: 100,
    ...names,
    additionalProperties: {
      description:
        "a text, true to forward the client's own, false to drop it, or one of { value: … }, { file: … } and { env: … } with an optional prefix",
      anyOf: [
        text,
        { type: "boolean" },
        {
          description: "one of { value: … }, { file: … } and { env: … } with an optional prefix",
          type: "object",
          additionalProperties: false,
          minProperties: 1,
          properties: {
            value: text,
            file: text,
            env: { description: "the name of an environment variable such as NOTES_KEY", type: "string", pattern: "^[A-Za-z_]\\w{0,199}$" },
            prefix: text,
          },
        },
      ],
    },
  },
  forwardAuthorization: { type: "boolean" },
  forwardCookies: { type: "boolean" },
  sendForwarded: { type: "boolean" },
  responseHeaders: {
    description: "an object of at most 100 headers such as { Cache-Control: no-store }",
    type: "object",
    maxProperties: 100,
    ...names,
    additionalProperties: { description: "a text, or false to remove the header", anyOf: [text, { const: false }] },
  },
  securityHeaders: {
    description: "api, web, service, or an object with preset, contentSecurityPolicy, permissionsPolicy and headers",
    anyOf: [{ enum: ["api", "web", "service"] }, { type: "object" }],
  },
  identity: {
    description: "headers, or an object such as { keyFile: /run/secrets/identity.pem, audience: notes }",
    anyOf: [
      { const: "headers" },
      {
        description: "an object such as { keyFile: /run/secrets/identity.pem }",
        type: "object",
        additionalProperties: false,
        required: ["keyFile"],
        properties: {
          keyFile: { ...text, description: "the path of a file such as /run/secrets/identity.pem" },
          audience: { ...text, minLength: 1 },
          lifetimeSeconds: { type: "integer", minimum: 1, maximum: 3_600 },
        },
      },
    ],
  },
} as const;

/** Where the value of a header comes from; `undefined` for a rule that sets none. */
export function headerSource(rule: RequestHeaderRule): HeaderSource | undefined {
  if (typeof rule === "boolean") return undefined;
  return typeof rule === "string" ? { value: rule } : rule;
}
