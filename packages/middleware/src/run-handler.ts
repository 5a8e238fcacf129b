import type { IncomingMessage, ServerResponse } from "node:http";
import { isPromise } from "node:util/types";

import type { Handler, Next } from "./handler.ts";

/**
 * Runs a handler. Whatever it throws goes to `next`, and so does the reason when an `async` handler rejects: left alone, a rejection
 * would end the process.
 */
export function runHandler(handler: Handler, req: IncomingMessage, res: ServerResponse, next: Next): void {
  try {
    const returned: unknown = handler(req, res, next);
    // Most handlers return nothing, and `isPromise()` is a call out of JavaScript.
    if (returned !== undefined && isPromise(returned)) void passRejection(returned, next);
  } catch (thrown) {
    next(thrown);
  }
}

async function passRejection(promise: Promise<unknown>, next: Next): Promise<void> {
  try {
    await promise;
  } catch (reason) {
    next(reason ?? new Error("a handler rejected without a reason"));
  }
}
