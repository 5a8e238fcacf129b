import { plainSchema } from "@aivillage/input-sanitizer";
import { templateParameters } from "@aivillage/router";

import type { RouteConfig } from "../../config/settings/route-config.ts";
import { takesAnyQuery } from "../../config/settings/route-input.ts";
import { hostsOf, methodsWithBody } from "../../config/settings/route-matching.ts";
import { routeName } from "../../config/settings/route-name.ts";
import { anyBody, type Operation, serviceResponses } from "./operations.ts";

/** Describes a method of a route that the configuration adds. */
export function configuredOperation(route: RouteConfig, method: string): Operation {
  const { path, redirect, summary = `${method} ${path}`, public: isPublic = redirect !== undefined, body } = route;
  const takesBody = methodsWithBody.includes(method) && body !== undefined;
  const [host] = hostsOf(route);
  return {
    operationId: `${method.toLowerCase()}.${routeName(route)}`,
    summary,
    tags: ["Routes"],
    ...(host !== undefined && { servers: hostsOf(route).map(serverOf) }),
    ...(!isPublic && { security: [{ apiKey: [] }] }),
    parameters: [...pathParameters(path), ...queryParameters(route.query)],
    ...(takesBody && {
      requestBody: { content: typeof body === "object" ? { "application/json": { schema: plainSchema(body) } } : { "*/*": {} } },
    }),
    responses: serviceResponses(anyBody("The response of the service."), { isPublic, takesBody }),
  };
}

/** A pattern of hosts has a variable for what the `*` stands for. */
function serverOf(host = ""): object {
  if (!host.startsWith("*")) return { url: `//${host}` };
  return { url: `//${host.replace("*", "{name}")}`, variables: { name: { default: "www" } } };
}

function pathParameters(path: string): object[] {
  return templateParameters(path).map((name) => pathParameter(name, name === "*" || path.includes(`{${name}+}`)));
}

/** OpenAPI has no parameter for several segments: an extension marks it. */
function pathParameter(name: string, isRest: boolean): object {
  const parameter = { name: name === "*" ? "rest" : name, in: "path", required: true, schema: { type: "string", minLength: 1 } };
  return isRest ? { ...parameter, description: "One segment or more.", "x-multi-segment": true } : parameter;
}

function queryParameters(query: RouteConfig["query"]): object[] {
  if (query === undefined || takesAnyQuery(query)) return [];
  const { properties = {}, required = [] } = query as { properties?: Record<string, unknown>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: plainSchema(schema),
  }));
}
