import type { Handler } from "@aivillage/middleware";
import { getRoute } from "@aivillage/router";

import type { Endpoint } from "./endpoint.ts";

/** When the paths without a version became deprecated (RFC 9745), and when they go (RFC 8594). */
const deprecation = `@${Date.UTC(2026, 10, 22) / 1_000}`;
const sunset = new Date(Date.UTC(2027, 10, 22)).toUTCString();

/** The paths of the Python gateway that this one replaces: each responds with 308, which keeps method and body, and the new path. */
export function movedEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  return endpoints.flatMap(({ path, methods, formerPath }): Endpoint[] =>
    formerPath === undefined
      ? []
      : [{ path: formerPath, methods, access: { isUnlimited: true }, handler: () => movedTo(formerPath, path) }],
  );
}

function movedTo(from: string, to: string): Handler {
  return function movedHandler(req, res) {
    const mount = (getRoute(req) ?? from).slice(0, -from.length);
    const query = /\?.*/.exec(req.url ?? "")?.[0] ?? "";
    res.statusCode = 308;
    res.setHeader("Location", mount + to + query);
    res.setHeader("Link", `<${mount}${to}>; rel="successor-version"`);
    res.setHeader("Deprecation", deprecation);
    res.setHeader("Sunset", sunset);
    res.setHeader("Content-Length", 0);
    res.end();
  };
}
