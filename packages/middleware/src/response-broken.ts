import type { IncomingMessage } from "node:http";

import { requestValue } from "./request-value.ts";

const broken = requestValue<number>("@aivillage/middleware.responseBroken");

/**
 * Notes that an upstream service has failed after the head of its response was sent, so that logs and metrics do not take it for a success, or
 * for a client that left. Call it before the response is cut off or ended with an error.
 *
 * @param status of the error that the client would have got before the head, such as 502 or 504
 */
export function markResponseBroken(req: IncomingMessage, status: number): void {
  broken.set(req, status);
}

/** The status of the error that has broken a response after its head; `undefined` for any other response. */
export function brokenStatus(req: IncomingMessage): number | undefined {
  return broken.get(req);
}
