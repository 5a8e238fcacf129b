import type { IncomingMessage } from "node:http";

import { compose, type Handler, HttpProblem, requestValue } from "@aivillage/middleware";

import { originForm } from "./origin-form.ts";
import { type PathParameters, type PathTemplate, pathTemplate, templateParameters } from "./path-template.ts";

interface Match {
  readonly path: string;
  readonly parameters: PathParameters;
}

const matched = requestValue<Match>("@aivillage/gateway.route");
const noParameters: PathParameters = {};

/** The template of the route that answers, mount path included, such as `/v1/query`; `undefined` when none matched. */
export function getRoute(req: IncomingMessage): string | undefined {
  return matched.get(req)?.path;
}

/** The parameters in the path of the request, by name. */
export function getPathParameters(req: IncomingMessage): PathParameters {
  return matched.get(req)?.parameters ?? noParameters;
}

/** The handlers of one path by method. GET answers HEAD too: `node:http` leaves the body out. */
export type Methods = Readonly<Partial<Record<"GET" | "POST" | "PUT" | "PATCH" | "DELETE", readonly Handler[]>>>;

/** Paths and path templates with their methods; a path that is `false` is not served. */
export type Routes = Readonly<Record<string, Methods | false>>;

/** The same routes with handlers that run before their own. */
export function behind(before: readonly Handler[], routes: Routes): Routes {
  return Object.fromEntries(
    Object.entries(routes).map(([path, methods]) => [
      path,
      methods && Object.fromEntries(Object.entries(methods).map(([method, handlers]) => [method, [...before, ...handlers]])),
    ]),
  );
}

interface Route {
  /** What is known of a request that has no parameters in its path. */
  readonly match: Match;
  readonly template: PathTemplate | undefined;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly methodNotAllowed: HttpProblem;
}

/**
 * Makes the handler that takes the paths of the table and hands all others on.
 *
 * A path is looked up as it came, behind the origin if there is one: no decoding, no folding of case, no trailing slash. A path without
 * parameters wins over a template. Another method of a known path is 405 with `Allow`.
 */
export function routeTable(table: Routes): Handler {
  const routes = Object.entries(table).flatMap(([path, methods]) => (methods === false ? [] : [makeRoute(path, methods)]));
  const fixed = new Map(routes.filter(({ template }) => template === undefined).map((route) => [route.match.path, route]));
  const templates = routes.filter(({ template }) => template !== undefined);

  function byTemplate(path: string): { route: Route; match: Match } | undefined {
    for (const route of templates) {
      const parameters = route.template?.match(path);
      if (parameters !== undefined) return { route, match: { path: route.match.path, parameters } };
    }
    return undefined;
  }

  return function routeTableHandler(req, res, next) {
    const path = pathOf(req.url ?? "/");
    const known = fixed.get(path);
    const found = known === undefined ? byTemplate(path) : { route: known, match: known.match };
    if (found === undefined) return next();
    const { route, match } = found;
    const mount = mountPath(req, path);
    matched.set(req, mount === "" ? match : { ...match, path: mount + match.path });
    const handler = route.handlers.get(req.method ?? "");
    if (handler === undefined) next(route.methodNotAllowed);
    else handler(req, res, next);
  };
}

function makeRoute(path: string, methods: Methods): Route {
  const handlers = new Map(Object.entries(methods).map(([method, list]) => [method, compose(...list)]));
  const read = handlers.get("GET");
  if (read !== undefined) handlers.set("HEAD", read);
  const allow = [...handlers.keys()].toSorted().join(", ");
  const methodNotAllowed = new HttpProblem({
    status: 405,
    type: "method-not-allowed",
    detail: `This path answers ${allow}.`,
    headers: { Allow: allow },
  });
  const template = templateParameters(path).length === 0 ? undefined : pathTemplate(path);
  return { match: { path, parameters: noParameters }, template, handlers, methodNotAllowed };
}

function pathOf(url: string): string {
  const target = originForm(url);
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}

/** What a host such as Express has cut off `url` because the gateway is mounted below it. */
function mountPath({ originalUrl: whole, url = "" }: IncomingMessage & { originalUrl?: string }, path: string): string {
  if (whole === undefined || whole.length === url.length) return "";
  const wholePath = pathOf(whole);
  return wholePath.endsWith(path) ? wholePath.slice(0, -path.length) : wholePath;
}
