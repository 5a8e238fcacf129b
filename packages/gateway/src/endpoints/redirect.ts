import type { Handler } from "@aivillage/middleware";
import { fillTemplate, getPathParameters } from "@aivillage/router";

import type { RouteRedirect } from "../config/settings/route-matching.ts";

/** Sends the client to another path or origin, with the query of its request. */
export function redirectHandler({ location, status = 308 }: RouteRedirect): Handler {
  const [origin = ""] = /^https?:\/\/[^/?#]+/i.exec(location) ?? [];
  const template = location.slice(origin.length);

  return function redirectingHandler(req, res) {
    const query = /\?.*/.exec(req.url ?? "")?.[0] ?? "";
    res.statusCode = status;
    res.setHeader("Location", origin + fillTemplate(template, getPathParameters(req)) + query);
    res.setHeader("Content-Length", 0);
    res.end();
  };
}
