import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import type { ErrorHandler, Handler } from "./handler.ts";
import { HttpProblem } from "./http-problem.ts";
import { optionError } from "./option-error.ts";
import { respondPlainly } from "./respond-plainly.ts";
import { runHandler } from "./run-handler.ts";

/**
 * Runs a handler on a bare `node:http` server: `createServer(toListener(handler))`.
 *
 * A request that no handler responds to is a 404 problem. Errors go to `onError`. What it passes on, throws or rejects with, or
 * everything when it is left out, is sent as plain text with the error's `status` and `headers`. Once the head is sent, the
 * connection is cut instead, so that the client sees a broken response and not a short one.
 *
 * @throws TypeError when `handler` or `onError` is no function
 */
export function toListener(handler: Handler, onError: ErrorHandler = handOn): RequestListener {
  if (typeof handler !== "function") throw optionError("@aivillage/middleware", "handler", "a function", handler);
  if (typeof onError !== "function") throw optionError("@aivillage/middleware", "onError", "a function", onError);

  return function listener(req: IncomingMessage, res: ServerResponse): void {
    function finish(error?: unknown): void {
      const cause = error ?? new HttpProblem({ status: 404 });
      const handleError: Handler = (_req, _res, next) => onError(cause, req, res, next);
      runHandler(handleError, req, res, (unhandled) => respondPlainly(unhandled ?? cause, req, res));
    }
    runHandler(handler, req, res, finish);
  };
}

const handOn: ErrorHandler = (error, _req, _res, next) => next(error);
