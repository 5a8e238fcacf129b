import { type Handler, hostOfTarget, option, originForm, readOptions } from "@aivillage/middleware";

import { getPathParameters } from "./matched-route.ts";
import { fillTemplate } from "./path-template.ts";

/** Options of `redirect()`. */
export interface RedirectOptions {
  /** 301, 302, 303, 307 or 308. Default 308, which keeps method and body (RFC 9110, 15.4.9). */
  status?: number;
}

const statuses: readonly unknown[] = [301, 302, 303, 307, 308];
const rules = {
  status: option.custom<number>("301, 302, 303, 307 or 308", 308, (value) => statuses.includes(value)),
};

/**
 * A path that begins with two slashes names a host (RFC 3986, 4.2), to browsers one with a backslash too (URL Standard), and here the client
 * could choose it. The dot segment leaves the path as it is meant.
 */
function sameOrigin(path: string): string {
  return /^\/[/\\]/.test(path) ? `/.${path}` : path;
}

/**
 * Makes the handler of a route that sends clients to another path or origin, with the query of their request: `redirect("/notes/{id}")`.
 * A client can choose the values of the parameters, but no host.
 *
 * @param to a path with parameters of the route, or an absolute URL that ends in one; see `fillTemplate()`
 * @throws OptionError for an unknown or bad option
 */
export function redirect(to: string, options?: RedirectOptions): Handler {
  const { status } = readOptions<RedirectOptions, typeof rules>("@aivillage/router", options, rules);
  const host = hostOfTarget(to);
  const origin = host === undefined ? "" : to.slice(0, to.indexOf(host) + host.length);
  const template = originForm(to);

  return function redirectHandler(req, res) {
    const path = fillTemplate(template, getPathParameters(req));
    const query = /\?.*/.exec(req.url ?? "")?.[0] ?? "";
    res.statusCode = status;
    res.setHeader("Location", origin + (origin === "" ? sameOrigin(path) : path) + query);
    res.setHeader("Content-Length", 0);
    res.end();
  };
}
