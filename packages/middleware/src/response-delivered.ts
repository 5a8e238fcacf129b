import type { IncomingMessage, ServerResponse } from "node:http";

import { requestValue } from "./request-value.ts";

const answered = requestValue<boolean>("@aivillage/middleware.answered");

/**
 * Notes that the connection has taken the whole answer although the response has not ended, as while the rest of a request body is
 * awaited. To be called when the last byte was handed over: in the callback of `res.write()`, if that has no error.
 */
export function noteAnswered(req: IncomingMessage): void {
  answered.set(req, true);
}

/** Whether the connection has taken the whole answer. When it closes before, the client has left or this side has cut the answer off. */
export function isAnswered(req: IncomingMessage, res: ServerResponse): boolean {
  return res.writableFinished || answered.get(req) === true;
}
