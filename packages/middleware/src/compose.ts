import type { IncomingMessage, ServerResponse } from "node:http";

import type { Handler, Next } from "./handler.ts";
import { optionError } from "./option-error.ts";
import { runHandler } from "./run-handler.ts";

/**
 * Joins handlers into one that runs them in order.
 *
 * The first error, thrown, rejected or passed to `next`, ends the run and goes to the `next` of the composed handler. Without
 * handlers the request is handed on. One closure is made per request, whatever the number of handlers.
 *
 * @throws TypeError when a handler is no function
 */
export function compose(...handlers: Handler[]): Handler {
  for (const [position, handler] of handlers.entries()) {
    if (typeof handler !== "function") throw optionError("@aivillage/middleware", `handlers[${position}]`, "a function", handler);
  }

  return function composed(req: IncomingMessage, res: ServerResponse, next: Next): void {
    let position = 0;
    function step(error?: unknown): void {
      if (error !== undefined && error !== null) return next(error);
      const handler = handlers[position];
      if (handler === undefined) return next();
      position += 1;
      runHandler(handler, req, res, step);
    }
    step();
  };
}
