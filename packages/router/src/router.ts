import type { IncomingMessage, ServerResponse } from "node:http";

import {
  compose,
  type Handler,
  hostOf,
  hostOfTarget,
  HttpProblem,
  type Next,
  optionError,
  originForm,
  passError,
} from "@aivillage/middleware";

import { HostIndex } from "./host-index.ts";
import { matchedRoute, noParameters } from "./matched-route.ts";
import { type GivenRoute, type Methods, packageName, readRouterOptions, type RouterOptions } from "./options.ts";
import { type PathParameters, readTemplate, templateParameters } from "./path-template.ts";

/** The route that a request would take. */
export interface FoundRoute {
  /** Host or pattern of the route; `undefined` for all hosts. */
  readonly host: string | undefined;
  readonly template: string;
  /** The methods that have handlers, and `ANY`. */
  readonly methods: readonly string[];
}

/** The result of `router()`. */
export type Router = Handler & {
  /** Finds the route for the path and host of a request, whatever its method, and runs nothing. */
  readonly find: (req: IncomingMessage) => FoundRoute | undefined;
};

interface Route extends FoundRoute {
  readonly parameterNames: readonly string[];
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly anyMethod: Handler | undefined;
  readonly methodNotAllowed: HttpProblem;
}

/**
 * Makes the handler that runs the handlers of the route a request matches, and hands on a request that matches none.
 *
 * A text in a path wins over a parameter at the same position, and both over the rest of a path, whatever the order of the routes. A method
 * that a matched path does not have is 405 with `Allow` (RFC 9110, 15.5.6). GET serves HEAD too: `node:http` leaves the body out.
 *
 * @throws OptionError for an unknown or bad option, a template that is not valid, and two templates that match the same requests
 */
export function router(options?: RouterOptions): Router {
  const index = new HostIndex<Route>();
  for (const given of readRouterOptions(options)) addRoute(index, given);
  const look = (req: IncomingMessage, path: string) => index.find(hostOfTarget(req.url ?? "/") ?? hostOf(req), path);

  // All three are named: by their number koa-connect and restify know that it may call `next`.
  function routerHandler(req: IncomingMessage, res: ServerResponse, next: Next): void {
    const path = pathOf(req.url ?? "/");
    const found = look(req, path);
    if (found === undefined) return next();
    const { template, parameterNames, handlers, anyMethod, methodNotAllowed } = found.value;
    const parameters = nameParameters(parameterNames, found.segments);
    matchedRoute.set(req, { template: mountPath(req, path) + template, parameters });
    const handler = handlers.get(req.method ?? "") ?? anyMethod;
    if (handler === undefined) passError(methodNotAllowed, res, next);
    else handler(req, res, next);
  }
  return Object.assign(routerHandler, { find: (req: IncomingMessage) => look(req, pathOf(req.url ?? "/"))?.value });
}

function addRoute(index: HostIndex<Route>, { host, template, methods, optionName }: GivenRoute): void {
  const segments = readTemplate(template);
  if (typeof segments === "string") throw optionError(packageName, optionName, segments, template);
  const other = index.add(host, segments, makeRoute(host, template, methods));
  if (other === undefined) return;
  throw optionError(packageName, optionName, `a distinct path: ${other.template} matches the same paths, so keep one of them`, template);
}

function makeRoute(host: string | undefined, template: string, methods: Methods): Route {
  const { ANY: rest, ...named } = methods;
  const handlers = new Map(Object.entries(named).map(([method, list]) => [method, composed(list)]));
  const read = handlers.get("GET");
  if (read !== undefined && !handlers.has("HEAD")) handlers.set("HEAD", read);
  const allow = [...handlers.keys()].toSorted().join(", ");
  const methodNotAllowed = new HttpProblem({
    status: 405,
    type: "method-not-allowed",
    detail: `This path supports ${allow}.`,
    headers: { Allow: allow },
  });
  const anyMethod = rest === undefined ? undefined : composed(rest);
  return {
    host,
    template,
    methods: Object.keys(methods),
    parameterNames: templateParameters(template),
    handlers,
    anyMethod,
    methodNotAllowed,
  };
}

function composed(handlers: Handler | readonly Handler[]): Handler {
  return typeof handlers === "function" ? compose(handlers) : compose(...handlers);
}

function nameParameters(names: readonly string[], values: readonly string[]): PathParameters {
  if (names.length === 0) return noParameters;
  const parameters = Object.create(null) as Record<string, string>;
  for (const [position, name] of names.entries()) parameters[name] = values[position] ?? "";
  return parameters;
}

function pathOf(url: string): string {
  const target = originForm(url);
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}

/** What a host such as Express has cut off `url` because this handler is mounted below a path. */
function mountPath({ originalUrl: whole, url = "" }: IncomingMessage & { originalUrl?: string }, path: string): string {
  if (whole === undefined || whole.length === url.length) return "";
  const wholePath = pathOf(whole);
  return wholePath.endsWith(path) ? wholePath.slice(0, -path.length) : wholePath;
}
