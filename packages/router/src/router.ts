import type { IncomingMessage } from "node:http";

import { compose, type Handler, HttpProblem, optionError, originForm, passError } from "@aivillage/middleware";

import { matchedRoute, noParameters } from "./matched-route.ts";
import { type Methods, packageName, readRouterOptions, routeOption, type RouterOptions } from "./options.ts";
import { type PathParameters, readTemplate, templateParameters } from "./path-template.ts";
import { RouteIndex } from "./route-index.ts";

interface Route {
  readonly template: string;
  readonly parameterNames: readonly string[];
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly methodNotAllowed: HttpProblem;
}

/**
 * Makes the handler that runs the handlers of the route a request matches, and hands on a request that matches none.
 *
 * A text in a path wins over a parameter at the same position, whatever the order of the routes. A method that a matched path does not have
 * is 405 with `Allow` (RFC 9110, 15.5.6). GET serves HEAD too: `node:http` leaves the body out.
 *
 * @throws TypeError for an unknown or bad option, a template that is not valid, and two templates that match the same paths
 */
export function router(options?: RouterOptions): Handler {
  const index = new RouteIndex<Route>();
  for (const [template, methods] of Object.entries(readRouterOptions(options).routes)) addRoute(index, template, methods);

  return function routerHandler(req, res, next) {
    const path = pathOf(req.url ?? "/");
    const found = index.find(path);
    if (found === undefined) return next();
    const { template, parameterNames, handlers, methodNotAllowed } = found.value;
    const parameters = nameParameters(parameterNames, found.segments);
    matchedRoute.set(req, { template: mountPath(req, path) + template, parameters });
    const handler = handlers.get(req.method ?? "");
    if (handler === undefined) passError(methodNotAllowed, res, next);
    else handler(req, res, next);
  };
}

function addRoute(index: RouteIndex<Route>, template: string, methods: Methods): void {
  const segments = readTemplate(template);
  if (typeof segments === "string") throw optionError(packageName, routeOption(template), segments, template);
  const other = index.add(segments, makeRoute(template, methods));
  if (other === undefined) return;
  throw optionError(
    packageName,
    routeOption(template),
    `a path of its own: ${other.template} matches the same paths, so keep one of them`,
    template,
  );
}

function makeRoute(template: string, methods: Methods): Route {
  const handlers = new Map(Object.entries(methods).map(([method, list]) => [method, composed(list)]));
  const read = handlers.get("GET");
  if (read !== undefined && !handlers.has("HEAD")) handlers.set("HEAD", read);
  const allow = [...handlers.keys()].toSorted().join(", ");
  const methodNotAllowed = new HttpProblem({
    status: 405,
    type: "method-not-allowed",
    detail: `This path supports ${allow}.`,
    headers: { Allow: allow },
  });
  return { template, parameterNames: templateParameters(template), handlers, methodNotAllowed };
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
