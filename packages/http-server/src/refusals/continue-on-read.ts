/* oxlint-disable no-underscore-dangle -- the method that a stream is read by is named so */
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Sends `100 Continue` when the body is first read (RFC 9110, 10.1.1), unless the handler has sent it or has responded already. A refusal
 * costs no upload then, and handlers that know nothing of expectations work all the same.
 */
export function continueOnRead(req: IncomingMessage, res: ServerResponse): void {
  let isSent = false;
  res.writeContinue = (callback) => {
    isSent = true;
    Reflect.deleteProperty(res, "writeContinue");
    res.writeContinue(callback);
  };
  // The first call comes with the first reader. From then on, the prototype's method is used again.
  req._read = (size) => {
    Reflect.deleteProperty(req, "_read");
    if (!isSent && !res.headersSent && !res.destroyed) res.writeContinue();
    req._read(size);
  };
}
