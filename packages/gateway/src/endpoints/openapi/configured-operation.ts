import { templateParameters } from "@aivillage/router";

import type { RouteConfig } from "../../config/route-config.ts";
import { routeName } from "../../config/route-name.ts";
import { type Operation, proxiedResponses } from "./operations.ts";
import { withoutMarks } from "./plain-schema.ts";

const withBody: readonly string[] = ["POST", "PUT", "PATCH"];

/** The routes that the configuration adds, by path and method. */
export function configuredPaths(routes: readonly RouteConfig[]): Record<string, Record<string, Operation>> {
  const added = routes.filter(({ upstream }) => upstream !== undefined);
  return Object.fromEntries(
    added.map((route) => [
      route.path,
      Object.fromEntries((route.methods ?? ["GET"]).map((method) => [method.toLowerCase(), operationOf(route, method)])),
    ]),
  );
}

function operationOf(route: RouteConfig, method: string): Operation {
  const { path, summary = `${method} ${path}`, public: isPublic = false, body } = route;
  const takesBody = withBody.includes(method);
  const success = { description: "What the service answered.", content: { "*/*": {} } };
  return {
    operationId: `${method.toLowerCase()}.${routeName(path)}`,
    summary,
    ...(!isPublic && { security: [{ apiKey: [] }] }),
    parameters: [...pathParameters(path), ...queryParameters(route.query)],
    ...(takesBody && {
      requestBody: { content: typeof body === "object" ? { "application/json": { schema: withoutMarks(body) } } : { "*/*": {} } },
    }),
    responses: proxiedResponses(success, { isPublic, takesBody }),
  };
}

function pathParameters(path: string): object[] {
  const schema = { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$" };
  return templateParameters(path).map((name) => ({ name, in: "path", required: true, schema }));
}

function queryParameters(query: RouteConfig["query"]): object[] {
  const { properties = {}, required = [] } = (query ?? {}) as { properties?: Record<string, unknown>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: withoutMarks(schema),
  }));
}
