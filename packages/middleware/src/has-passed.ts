import type { IncomingMessage } from "node:http";

import { requestValue } from "./request-value.ts";

interface Passed {
  readonly handler: object;
  readonly earlier: Passed | undefined;
}

const passages = requestValue<Passed>("@aivillage/middleware.passed");

/**
 * Notes that a request has come to a handler. True if it has been there before: a handler that is mounted at two places, such as an app and one
 * of its routers, must not take a second slot for the same request, or charge it twice.
 *
 * @param handler any object that stands for the handler
 */
export function hasPassed(req: IncomingMessage, handler: object): boolean {
  const latest = passages.get(req);
  for (let each = latest; each !== undefined; each = each.earlier) if (each.handler === handler) return true;
  passages.set(req, { handler, earlier: latest });
  return false;
}
