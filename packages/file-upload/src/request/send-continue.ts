import type { IncomingMessage, Server, ServerResponse } from "node:http";

/**
 * Writes `100 Continue` to a client that waits for it (RFC 9110, 10.1.1), now that the head of the upload has passed.
 *
 * Node does so by itself before any handler runs, unless the server listens to `checkContinue`. There a refusal by the head, such
 * as a `Content-Length` that is too large, costs the client no upload.
 */
export function continueWhenExpected(req: IncomingMessage, res: ServerResponse): void {
  if (req.headers.expect === undefined || req.httpVersionMinor === 0) return;
  const { server } = req.socket as { server?: Server };
  if (server !== undefined && server.listenerCount("checkContinue") > 0) res.writeContinue();
}
