import { IncomingMessage, type IncomingHttpHeaders, ServerResponse } from "node:http";
import { Socket } from "node:net";

import type { Handler } from "@aivillage/middleware";

/**
 * The headers that a handler sets on the response to a GET, for handlers that set the same ones each time: pass those of
 * `securityHeaders()` to `httpServer()`.
 *
 * @param headers of the request, names in lower case
 */
export function recordHeaders(handler: Handler, headers: IncomingHttpHeaders = {}): Record<string, string> {
  const req = Object.assign(new IncomingMessage(new Socket()), { method: "GET" });
  Object.assign(req.headers, headers);
  const res = new ServerResponse(req);
  handler(req, res, () => undefined);
  return Object.fromEntries(Object.entries(res.getHeaders()).map(([name, value]) => [name, String(value)]));
}
