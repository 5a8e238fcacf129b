import type { IncomingMessage } from "node:http";

/** Scheme and authority, without a user: a client that sends one is up to something (RFC 9110, 4.2.4). */
const origin = /^https?:\/\/([^/?#@\\]+)(?=[/?]|$)/i;

/**
 * The target of a request in origin form (RFC 9112, 3.2.1), also when it came in absolute form (`GET http://host/path`), which every server
 * must accept (3.2.2). Anything else stays as it is, such as `*` (3.2.4), `host:443` of `CONNECT` (3.2.3), or a malformed target.
 */
export function originForm(target: string): string {
  if (target.startsWith("/")) return target;
  const found = origin.exec(target);
  return found === null ? target : fromRoot(target.slice(found[0].length));
}

/** The host and port that a target in absolute form names (RFC 9112, 3.2.2); `undefined` in any other form. */
export function hostOfTarget(target: string): string | undefined {
  return target.startsWith("/") ? undefined : origin.exec(target)?.[1];
}

/**
 * The path of the request as the client sent it, without the query string.
 *
 * Express and Connect cut the mount path off `req.url` and keep the whole in `originalUrl`; that one wins. Of a target in
 * absolute form (`GET http://host/path`, RFC 9112, 3.2.2), whatever its scheme and user, it is the path that the routers of these hosts
 * match. Nothing is decoded or normalised.
 */
export function requestPath(req: IncomingMessage & { originalUrl?: string }): string {
  const path = upTo("#", upTo("?", req.originalUrl ?? req.url ?? "/"));
  if (path.startsWith("/")) return path;
  const [, afterAuthority] = /:\/\/[^/]*(.*)$/s.exec(path) ?? [];
  return afterAuthority === undefined ? path : fromRoot(afterAuthority);
}

function fromRoot(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

function upTo(mark: string, target: string): string {
  const end = target.indexOf(mark);
  return end === -1 ? target : target.slice(0, end);
}
