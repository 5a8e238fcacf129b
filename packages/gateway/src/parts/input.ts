import type { Server } from "node:http";

import { sanitizeInput, type SanitizeInputOptions } from "@aivillage/input-sanitizer";
import { compose, type Handler } from "@aivillage/middleware";

/** A slow client is answered 408 and gone within half a minute. */
const bodyTimeoutMs = 25_000;

/** Checks the input of a route. A client that asks before it sends its body may send it now. */
export function inputPart(schemas: Pick<SanitizeInputOptions, "body" | "query">): Handler {
  const sanitize = sanitizeInput({ ...schemas, limits: { bodyTimeoutMs } });
  return schemas.body === undefined ? sanitize : compose(askForBody, sanitize);
}

/**
 * Tells a client that waits with `Expect: 100-continue` to send its body (RFC 9110, 10.1.1). Mount it before what reads a body and
 * does not ask for it by itself.
 *
 * Node does so before any handler runs, unless the server listens to `checkContinue`, as that of `startGateway()` does.
 */
export const askForBody: Handler = (req, res, next) => {
  if (req.headers.expect !== undefined && req.httpVersionMinor > 0) {
    const { server } = req.socket as { server?: Server };
    if (server !== undefined && server.listenerCount("checkContinue") > 0) res.writeContinue();
  }
  next();
};
