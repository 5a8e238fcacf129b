import type { IncomingMessage } from "node:http";

import { recordHeaders } from "@aivillage/http-server";
import { FieldBlock, type Handler, nameTest, passError } from "@aivillage/middleware";
import cors, { type CorsOptions } from "cors";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";

type CorsSettings = GatewayConfig["cors"];

/** Response headers that a page of another origin may read. */
const exposedHeaders = [
  "X-Request-Id",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Retry-After-Ms",
  "X-Should-Retry",
  "Request-Id",
  "Mcp-Session-Id",
];

/** Request headers that every page of an allowed origin may send. */
const usualHeaders = ["Authorization", "Content-Type", "X-Request-Id", "traceparent", "tracestate", "Idempotency-Key", "Last-Event-ID"];

/** Those that the packages of OpenAI, Anthropic and the Model Context Protocol send. */
const sdkHeaders = ["X-Stainless-*", "OpenAI-*", "Anthropic-*", "Mcp-*"];

/** What CORS needs to know of the endpoint that a request would reach. */
interface CorsEndpoint {
  readonly methods: readonly string[];
  readonly route?: Pick<RouteConfig, "cors">;
}

/** The endpoints of the gateway, and the one of a request. */
export interface CorsEndpoints {
  readonly endpoints: readonly CorsEndpoint[];
  readonly endpointOf: (req: IncomingMessage) => CorsEndpoint | undefined;
}

/**
 * CORS for the configured origins, and for routes that have their own. A preflight gets its response here, any other OPTIONS goes to a route that
 * serves it.
 */
export function corsPart({ cors: settings, auth }: GatewayConfig, { endpoints, endpointOf }: CorsEndpoints): Handler {
  const methods = methodsOf(endpoints);
  const carriers = auth.carriers.filter((name) => name.toLowerCase() !== "authorization");
  const handlersOf = (rules: CorsSettings): CorsHandlers =>
    corsHandlers({ ...rules, allowedHeaders: [...carriers, ...rules.allowedHeaders] }, methods);
  const general = handlersOf(settings);
  const own = new Map<CorsEndpoint, CorsHandlers>();
  for (const endpoint of endpoints) {
    const rules = endpoint.route?.cors;
    if (rules !== undefined) own.set(endpoint, rules === false ? noCors : handlersOf({ ...settings, ...rules }));
  }
  const servesOptions = endpoints.some(({ methods: its }) => its.some(isOptions));
  const servedByRoute = (req: IncomingMessage, endpoint: CorsEndpoint | undefined): boolean =>
    preflightMethod(req) === undefined && endpoint?.methods.some(isOptions) === true;

  return function routeCors(req, res, next) {
    const isOptionsRequest = req.method === "OPTIONS";
    const endpoint = own.size > 0 || (servesOptions && isOptionsRequest) ? endpointOf(req) : undefined;
    const { preflight, actual } = (endpoint && own.get(endpoint)) ?? general;
    const handler = isOptionsRequest && !servedByRoute(req, endpoint) ? preflight : actual;
    return handler(req, res, next);
  };
}

/** What the two kinds of requests of CORS get (Fetch Standard, 3.2.2). */
interface CorsHandlers {
  readonly preflight: Handler;
  readonly actual: Handler;
}

/** `false`: no page of another origin may use the route. */
const noCors: CorsHandlers = { preflight: (_req, _res, next) => next(), actual: (_req, _res, next) => next() };

function isOptions(method: string): boolean {
  return method === "OPTIONS" || method === "ANY";
}

/** The method that a preflight asks for (Fetch Standard, 3.2.2); `undefined` for any other request. */
export function preflightMethod({ method, headers }: IncomingMessage): string | undefined {
  return method === "OPTIONS" && headers.origin !== undefined ? headers["access-control-request-method"] : undefined;
}

const allMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

function methodsOf(endpoints: readonly CorsEndpoint[]): string[] {
  const named = endpoints.flatMap(({ methods }) => methods.flatMap((method) => (method === "ANY" ? allMethods : method)));
  return [...new Set(["GET", "HEAD", "POST", ...named])];
}

/** The library's headers for a request that is not a preflight depend on the origin alone, so they are computed once per listed origin. */
function corsHandlers(settings: CorsSettings, methods: string[]): CorsHandlers {
  const { origins } = settings;
  const isOpen = origins.includes("*");
  const options = corsOptions(settings, methods);
  const library = cors(options) as Handler;
  const fieldsFor = (origin: string | undefined): FieldBlock =>
    new FieldBlock(Object.entries(recordHeaders(library, origin === undefined ? {} : { origin })));
  const known = new Map([undefined, ...origins].map((origin) => [origin, fieldsFor(origin)]));

  function actual(...[req, res, next]: Parameters<Handler>): void {
    const fields = known.get(isOpen ? undefined : req.headers.origin);
    // Only the library adds to a `Vary` that the app around the gateway has set. It takes every OPTIONS for a preflight, so it gets no method.
    if (fields === undefined || res.hasHeader("Vary")) return library({ headers: req.headers } as IncomingMessage, res, next);
    fields.setOn(res);
    next();
  }
  return { preflight: preflightHandler(settings, options), actual };
}

function corsOptions({ origins, credentials, maxAgeSeconds, exposedHeaders: more }: CorsSettings, methods: string[]): CorsOptions {
  return {
    origin: origins.includes("*") ? "*" : origins.map((origin) => (origin.includes("*") ? originPattern(origin) : origin)),
    methods,
    exposedHeaders: [...exposedHeaders, ...more],
    credentials,
    maxAge: maxAgeSeconds,
  };
}

/** Whether pages of this origin may use what lists these origins and patterns. */
function allowsOrigin(origins: readonly string[], origin: string): boolean {
  return origins.some((each) => each === "*" || each === origin || (each.includes("*") && originPattern(each).test(origin)));
}

/** Whether a page may open a WebSocket at the endpoint of its request: if CORS lets it read responses there. */
export function pageMayConnect({ cors: general }: GatewayConfig, { endpointOf }: CorsEndpoints) {
  return (origin: string, req: IncomingMessage): boolean => {
    const own = endpointOf(req)?.route?.cors;
    return own !== false && allowsOrigin(own?.origins ?? general.origins, origin);
  };
}

/** `https://*.app.example` stands for any number of labels before the domain. */
function originPattern(pattern: string): RegExp {
  const [scheme = "", rest = ""] = pattern.split("*").map((text) => text.replaceAll(".", "\\."));
  return new RegExp(`^${scheme}[a-z\\d](?:[a-z\\d.-]*[a-z\\d])?${rest}$`);
}

/** Responds to a preflight: allows the usual headers, and of those that the page asks for all that a name or pattern covers. */
function preflightHandler({ allowedHeaders }: CorsSettings, options: CorsOptions): Handler {
  const names = allowedHeaders.filter((name) => !name.includes("*"));
  const isAllowed = nameTest([...sdkHeaders, ...allowedHeaders].map((name) => name.toLowerCase()));
  const allowed = (req: IncomingMessage): string[] => {
    const asked = (req.headers["access-control-request-headers"] ?? "").split(",");
    const covered = asked.map((name) => name.trim()).filter((name) => /^[\w-]{1,100}$/.test(name) && isAllowed(name.toLowerCase()));
    return [...new Set([...usualHeaders, ...names, ...covered.slice(0, 100)])];
  };
  const setFields = cors((req: IncomingMessage, done: (error: null, made: CorsOptions) => void) =>
    done(null, { ...options, allowedHeaders: allowed(req), preflightContinue: true }),
  ) as Handler;
  return (req, res, next) =>
    setFields(req, res, (error) => {
      if (error !== undefined && error !== null) return passError(error, res, next);
      // The library would send `Content-Length: 0`, which 204 must not have (RFC 9110, 8.6).
      res.statusCode = 204;
      res.end();
    });
}
