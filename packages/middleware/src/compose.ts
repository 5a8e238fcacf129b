import type { IncomingMessage, ServerResponse } from "node:http";

import type { Handler, Next } from "./handler.ts";

/**
 * Joins handlers into one that runs them in order.
 *
 * The first error, thrown or passed to `next`, ends the run and goes to the `next` of the composed handler. Without
 * handlers the request is handed on. One closure is made per request, whatever the number of handlers.
 */
export function compose(...handlers: readonly Handler[]): Handler {
  return function composed(req: IncomingMessage, res: ServerResponse, next: Next): void {
    let position = 0;
    function step(error?: unknown): void {
      if (error !== undefined && error !== null) return next(error);
      const handler = handlers[position];
      if (handler === undefined) return next();
      position += 1;
      try {
        handler(req, res, step);
      } catch (thrown) {
        next(thrown);
      }
    }
    step();
  };
}
