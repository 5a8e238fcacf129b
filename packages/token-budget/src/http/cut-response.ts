import type { ServerResponse } from "node:http";

import { cutShort, markResponseCut } from "@aivillage/middleware";

/** How long a client may take to receive the last event. */
const lastEventMs = 2_000;

/**
 * Ends a response that has begun with a last event, and cuts any other. What is written later is dropped.
 *
 * The connection is cut only where the end would look like that of a whole response: clients such as `fetch()` throw away what they have not
 * read when it is, and with it the reason.
 */
export function cutResponse(res: ServerResponse, event: string): void {
  if (!res.headersSent) return cutShort(res);
  const destroy = (): void => cutShort(res);
  const timer = setTimeout(destroy, lastEventMs).unref();
  res.once("close", () => clearTimeout(timer));
  markResponseCut(res.req);
  if (showsItsEnd(res)) res.end(event);
  else res.write(event, destroy);
  // False asks the writer to wait, until the response closes. The end may have restored the methods of before.
  Object.assign(res, { write: () => false, end: () => res });
}

/** Whether its reader finds the event: not in JSON, in what is compressed, or beyond a length that was announced. */
function showsItsEnd(res: ServerResponse): boolean {
  const isStream = /^text\/event-stream\b/i.test(String(res.getHeader("content-type")));
  return isStream && !res.hasHeader("content-encoding") && !res.hasHeader("content-length") && (res.chunkedEncoding || isHttp2(res));
}

function isHttp2({ req }: ServerResponse): boolean {
  return req.httpVersionMajor === 2;
}
