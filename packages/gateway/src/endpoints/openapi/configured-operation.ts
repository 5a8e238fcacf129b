import { templateParameters } from "@aivillage/router";

import { type RouteConfig, routeName } from "../../config/settings/route-config.ts";
import { anyBody, type Operation, serviceResponses } from "./operations.ts";
import { withoutMarks } from "./plain-schema.ts";

const withBody: readonly string[] = ["POST", "PUT", "PATCH"];

/** Describes a method of a route that the configuration adds. */
export function configuredOperation(route: RouteConfig, method: string): Operation {
  const { path, summary = `${method} ${path}`, public: isPublic = false, body } = route;
  const takesBody = withBody.includes(method);
  return {
    operationId: `${method.toLowerCase()}.${routeName(path)}`,
    summary,
    ...(!isPublic && { security: [{ apiKey: [] }] }),
    parameters: [...pathParameters(path), ...queryParameters(route.query)],
    ...(takesBody && {
      requestBody: { content: typeof body === "object" ? { "application/json": { schema: withoutMarks(body) } } : { "*/*": {} } },
    }),
    responses: serviceResponses(anyBody("What the service answered."), { isPublic, takesBody }),
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
