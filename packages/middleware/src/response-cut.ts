import type { IncomingMessage } from "node:http";

import { requestValue } from "./request-value.ts";

const cut = requestValue<true>("@aivillage/middleware.responseCut");

/**
 * Notes that what is written next ends the response, in place of what its handler would still write. A middleware that keeps a part of a
 * response, such as half an event, drops it then.
 */
export function markResponseCut(req: IncomingMessage): void {
  cut.set(req, true);
}

/** Whether the response was marked as cut. */
export function isResponseCut(req: IncomingMessage): boolean {
  return cut.get(req) === true;
}
