import type { IncomingMessage } from "node:http";

import { compose, type Handler, HttpProblem, requestValue } from "@aivillage/middleware";

const matchedRoute = requestValue<string>("@aivillage/gateway.route");

/** The template of the route that answers, such as `/v1/query`; `undefined` when none matched. */
export function getRoute(req: IncomingMessage): string | undefined {
  return matchedRoute.get(req);
}

/** The handlers of one path by method. GET answers HEAD too: `node:http` leaves the body out. */
export type Methods = Readonly<Partial<Record<"GET" | "POST", readonly Handler[]>>>;

/**
 * One handler for a path: remembers the route for logs and metrics, and answers 405 with `Allow` for every other method.
 *
 * The mount path, which Express keeps in `baseUrl`, is part of the remembered template.
 */
export function methodTable(path: string, methods: Methods): Handler {
  const table = new Map(Object.entries(methods).map(([method, handlers]) => [method, compose(...handlers)]));
  const read = table.get("GET");
  if (read !== undefined) table.set("HEAD", read);
  const allow = [...table.keys()].toSorted().join(", ");

  return function methodTableHandler(req, res, next) {
    matchedRoute.set(req, `${(req as { baseUrl?: string }).baseUrl ?? ""}${path}`);
    const handler = table.get(req.method ?? "");
    if (handler !== undefined) return handler(req, res, next);
    next(
      new HttpProblem({
        status: 405,
        type: "method-not-allowed",
        detail: `This path answers ${allow}.`,
        headers: { Allow: allow },
      }),
    );
  };
}
