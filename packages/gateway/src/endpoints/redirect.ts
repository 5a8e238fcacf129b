import { type Handler, hostOfTarget, originForm } from "@aivillage/middleware";

import type { RouteRedirect } from "../config/settings/route-matching.ts";
import { pathFiller } from "./fill-path.ts";

/**
 * A path that begins with two slashes names a host (RFC 3986, 4.2), to browsers one with a backslash too (URL Standard), and here the client
 * could choose it. The dot segment leaves the path as it is meant.
 */
function sameOrigin(path: string): string {
  return /^\/[/\\]/.test(path) ? `/.${path}` : path;
}

/** Sends the client to another path or origin, with the query of its request. */
export function redirectHandler(path: string, { location, status = 308 }: RouteRedirect): Handler {
  const host = hostOfTarget(location);
  const origin = host === undefined ? "" : location.slice(0, location.indexOf(host) + host.length);
  const fill = pathFiller(originForm(location), path);

  return function redirectingHandler(req, res) {
    const query = /\?.*/.exec(req.url ?? "")?.[0] ?? "";
    res.statusCode = status;
    res.setHeader("Location", origin + (origin === "" ? sameOrigin(fill(req)) : fill(req)) + query);
    res.setHeader("Content-Length", 0);
    res.end();
  };
}
