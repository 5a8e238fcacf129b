import type { Handler } from "@aivillage/middleware";

import { createLogger } from "./create-logger.ts";
import { makeWriter } from "./make-writer.ts";
import { type AccessLogOptions, readAccessLogOptions } from "./options.ts";
import { onResponseEnd } from "./response-end.ts";

/**
 * Makes the middleware that writes one line per request, when the answer is complete or the client has left.
 *
 * Mount it early, behind what its resolvers ask. Whatever a resolver or the logger throws is kept away from the request and
 * told by the event `accessLogFailed`.
 *
 * @throws TypeError for an unknown or bad option
 */
export function accessLog(options?: AccessLogOptions): Handler {
  const settings = readAccessLogOptions(options);
  const { start, write } = makeWriter(settings, settings.logger ?? createLogger());

  return function accessLogHandler(req, res, next) {
    const line = start(req);
    if (line !== undefined) onResponseEnd(req, res, (end) => write(line, end, req, res));
    next();
  };
}
