import type { IncomingMessage } from "node:http";

/**
 * The path of the request as the client sent it, without the query string.
 *
 * Express and Connect cut the mount path off `req.url` and keep the whole in `originalUrl`; that one wins. Of a target in
 * absolute form (`GET http://host/path`, RFC 9112, 3.2.2) it is the path that the routers of these hosts match. Nothing is
 * decoded or normalised.
 */
export function requestPath(req: IncomingMessage & { originalUrl?: string }): string {
  const path = upTo("#", upTo("?", req.originalUrl ?? req.url ?? "/"));
  return path.startsWith("/") ? path : withoutOrigin(path);
}

function upTo(mark: string, target: string): string {
  const end = target.indexOf(mark);
  return end === -1 ? target : target.slice(0, end);
}

function withoutOrigin(target: string): string {
  const scheme = target.indexOf("://");
  if (scheme === -1) return target;
  const start = target.indexOf("/", scheme + 3);
  return start === -1 ? "/" : target.slice(start);
}
