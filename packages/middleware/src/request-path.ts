import type { IncomingMessage } from "node:http";

/**
 * The path of the request as the client sent it, without the query string.
 *
 * Express and Connect cut the mount path off `req.url` and keep the whole in `originalUrl`; that one wins. Nothing is
 * decoded or normalised.
 */
export function requestPath(req: IncomingMessage & { originalUrl?: string }): string {
  const target = req.originalUrl ?? req.url ?? "/";
  const end = target.indexOf("?");
  return end === -1 ? target : target.slice(0, end);
}
