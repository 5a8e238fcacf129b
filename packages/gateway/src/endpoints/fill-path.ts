import type { IncomingMessage } from "node:http";

import { fillTemplate, getPathParameters } from "@aivillage/router";

/**
 * Makes the path that a route leads to, from the parameters of its own. `{path}` keeps its slashes where the route has `{path+}`.
 *
 * @param path the path template of the route
 */
export function pathFiller(template: string, path: string): (req: IncomingMessage) => string {
  const rest = /\{(\w+)\+\}$/.exec(path)?.[1];
  const filled = rest === undefined ? template : template.replaceAll(`{${rest}}`, `{${rest}+}`);
  return (req) => fillTemplate(filled, getPathParameters(req));
}
