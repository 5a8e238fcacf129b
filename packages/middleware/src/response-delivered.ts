import type { IncomingMessage, ServerResponse } from "node:http";

import { requestValue } from "./request-value.ts";

const delivered = requestValue<boolean>("@aivillage/middleware.responseDelivered");

/**
 * Marks a response as delivered although it has not ended, as while the rest of a request body is awaited. Call it when the connection has
 * taken the last byte: in the callback of `res.write()`, if that has no error.
 */
export function markResponseDelivered(req: IncomingMessage): void {
  delivered.set(req, true);
}

/** Whether the connection has taken the whole response. If it closes before, the client has left or this side has cut the response off. */
export function isResponseDelivered(req: IncomingMessage, res: ServerResponse): boolean {
  return res.writableFinished || delivered.get(req) === true;
}
