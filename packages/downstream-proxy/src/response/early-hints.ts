import type { ServerResponse } from "node:http";

import type { AnswerHeaders } from "../fields/response-headers.ts";

/**
 * Passes 103 Early Hints on (RFC 8297): their `Link` fields, which is what clients act on.
 *
 * Not to HTTP/1.0 clients, which know no informational answers, and not when Node finds a field malformed: hints are optional.
 */
export function passEarlyHints(res: ServerResponse, { link }: AnswerHeaders): void {
  if (link === undefined || res.headersSent || res.req.httpVersionMinor === 0) return;
  try {
    res.writeEarlyHints({ link });
  } catch {
    // The real answer follows.
  }
}
