import type { IncomingMessage, ServerResponse } from "node:http";

import { announceClose, discardRest, endWith } from "@aivillage/middleware";

/**
 * Sends the whole response at once, then takes care of a request body that has not been read.
 *
 * After `HEAD` nothing is: no client has a reason to send a body with it (RFC 9110, 9.3.2).
 */
export function endAfterBody(req: IncomingMessage, res: ServerResponse, body: string): void {
  res.setHeader("Content-Length", Buffer.byteLength(body));
  announceClose(req, res);
  endWith(res, body);
  if (req.method !== "HEAD") discardRest(req, res);
}
