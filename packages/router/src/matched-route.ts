import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

import type { PathParameters } from "./path-template.ts";

interface MatchedRoute {
  readonly template: string;
  readonly parameters: PathParameters;
}

export const matchedRoute = requestValue<MatchedRoute>("@aivillage/router.match");

export const noParameters: PathParameters = Object.freeze(Object.create(null) as Record<string, string>);

/** Returns the template of the route that a request matched, mount path included, such as `/notes/{id}`; `undefined` when none did. */
export function getRoute(req: IncomingMessage): string | undefined {
  return matchedRoute.get(req)?.template;
}

/** Returns the parameters in the path of a request, by name. Empty when no route matched. */
export function getPathParameters(req: IncomingMessage): PathParameters {
  return matchedRoute.get(req)?.parameters ?? noParameters;
}
