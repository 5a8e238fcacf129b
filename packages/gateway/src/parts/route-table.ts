import type { IncomingMessage } from "node:http";

import { compose, type Handler, HttpProblem, requestPath, requestValue } from "@aivillage/middleware";

const matchedRoute = requestValue<string>("@aivillage/gateway.route");

/** The template of the route that answers, mount path included, such as `/v1/query`; `undefined` when none matched. */
export function getRoute(req: IncomingMessage): string | undefined {
  return matchedRoute.get(req);
}

/** The handlers of one path by method. GET answers HEAD too: `node:http` leaves the body out. */
export type Methods = Readonly<Partial<Record<"GET" | "POST", readonly Handler[]>>>;

interface Route {
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly methodNotAllowed: HttpProblem;
}

/**
 * Makes the handler that takes the paths of the table and hands all others on.
 *
 * A path is looked up as it came: no decoding, no folding of case, no trailing slash. Another method of a known path is 405 with
 * `Allow`.
 */
export function routeTable(table: Readonly<Record<string, Methods | false>>): Handler {
  const routes = new Map(Object.entries(table).flatMap(([path, methods]) => (methods === false ? [] : [[path, makeRoute(methods)]])));

  return function routeTableHandler(req, res, next) {
    const path = pathOf(req.url ?? "/");
    const route = routes.get(path);
    if (route === undefined) return next();
    matchedRoute.set(req, mountPath(req) + path);
    const handler = route.handlers.get(req.method ?? "");
    if (handler === undefined) next(route.methodNotAllowed);
    else handler(req, res, next);
  };
}

function makeRoute(methods: Methods): Route {
  const handlers = new Map(Object.entries(methods).map(([method, list]) => [method, compose(...list)]));
  const read = handlers.get("GET");
  if (read !== undefined) handlers.set("HEAD", read);
  const allow = [...handlers.keys()].toSorted().join(", ");
  const detail = `This path answers ${allow}.`;
  return { handlers, methodNotAllowed: new HttpProblem({ status: 405, type: "method-not-allowed", detail, headers: { Allow: allow } }) };
}

function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

/** What a host such as Express has cut off `url` because the gateway is mounted below it. */
function mountPath(req: IncomingMessage & { originalUrl?: string }): string {
  const { originalUrl: whole, url = "" } = req;
  if (whole === undefined || whole.length === url.length) return "";
  return whole.endsWith(url) ? whole.slice(0, -url.length) : requestPath(req);
}
