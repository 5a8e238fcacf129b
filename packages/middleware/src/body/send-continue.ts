/* oxlint-disable no-underscore-dangle -- the method that a stream is read by is named so */
import type { IncomingMessage, Server, ServerResponse } from "node:http";

import { requestValue } from "../request-value.ts";

const wasAsked = requestValue<boolean>("@aivillage/middleware.continueSent");

/**
 * Whether the client waits with `Expect: 100-continue` until a handler asks for the body (RFC 9110, 10.1.1).
 *
 * Node asks by itself before any handler runs, unless the server listens to `checkContinue`. There a request that is refused by its head
 * costs the client no upload.
 */
export function awaitsContinue({ headers, httpVersion, socket }: IncomingMessage): boolean {
  if (headers.expect === undefined || httpVersion === "1.0") return false;
  const { server } = socket as { server?: Server };
  return server !== undefined && server.listenerCount("checkContinue") > 0;
}

/**
 * Asks a client that waits with `Expect: 100-continue` to send its body (RFC 9110, 10.1.1). Does nothing for any other client, for one that
 * was asked before, after the head of the response, or when the connection is gone.
 */
export function sendContinue(req: IncomingMessage, res: ServerResponse): void {
  if (awaitsContinue(req)) askOnce(req, res);
}

/**
 * Sends `100 Continue` when the body is first read, unless the handler has sent it or has responded already. A refusal costs no upload
 * then, and handlers that know nothing of expectations work all the same.
 */
export function continueOnRead(req: IncomingMessage, res: ServerResponse): void {
  res.writeContinue = (callback) => {
    wasAsked.set(req, true);
    Reflect.deleteProperty(res, "writeContinue");
    res.writeContinue(callback);
  };
  // The first call comes with the first reader. From then on, the prototype's method is used again.
  req._read = (size) => {
    Reflect.deleteProperty(req, "_read");
    askOnce(req, res);
    req._read(size);
  };
}

function askOnce(req: IncomingMessage, res: ServerResponse): void {
  if (wasAsked.get(req) === true || res.headersSent || res.destroyed) return;
  wasAsked.set(req, true);
  res.writeContinue();
}
