import type { Handler } from "@aivillage/middleware";

import { createLogger } from "./create-logger.ts";
import { makeWriter } from "./make-writer.ts";
import { type AccessLogOptions, readAccessLogOptions } from "./options.ts";
import { onResponseEnd } from "./response-end.ts";

/** The middleware, and the end of its sampling. */
export interface AccessLogHandler extends Handler {
  /** Writes what sampling has to sum up, now; to be called when the server has closed. It logs on as before. */
  close(): void;
}

/**
 * Makes the middleware that writes one line per request, when the response is complete or the client has left.
 *
 * Mount it early, after what its resolvers ask. Whatever a resolver or the logger throws is kept away from the request and
 * reported by the event `accessLogFailed`.
 *
 * @throws OptionError for an unknown or bad option
 */
export function accessLog(options?: AccessLogOptions): AccessLogHandler {
  const settings = readAccessLogOptions(options);
  const { start, write, close } = makeWriter(settings, settings.logger ?? createLogger());

  const accessLogHandler: Handler = (req, res, next) => {
    const line = start(req);
    if (line !== undefined) onResponseEnd(req, res, (end) => write(line, end, req, res));
    next();
  };
  return Object.assign(accessLogHandler, { close });
}
