import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import type { ErrorHandler, Handler } from "./handler.ts";
import { HttpProblem } from "./http-problem.ts";

/**
 * Runs a handler on a bare `node:http` server: `createServer(toListener(handler))`.
 *
 * A request that no handler answers is a 404 problem. Errors go to `onError`, and what it hands on, or everything when it is
 * left out, is answered in plain text with the error's `status` and `headers`. Once the head is sent, the connection is
 * cut instead, so that the client sees a broken answer and not a short one.
 */
export function toListener(handler: Handler, onError: ErrorHandler = handOn): RequestListener {
  return function listener(req: IncomingMessage, res: ServerResponse): void {
    function finish(error?: unknown): void {
      const cause = error ?? new HttpProblem({ status: 404 });
      onError(cause, req, res, (unhandled) => answerPlainly(unhandled ?? cause, res));
    }
    try {
      handler(req, res, finish);
    } catch (thrown) {
      finish(thrown);
    }
  };
}

const handOn: ErrorHandler = (error, _req, _res, next) => next(error);

function answerPlainly(error: unknown, res: ServerResponse): void {
  if (res.headersSent) return void res.destroy();
  const problem = HttpProblem.from(error);
  for (const [name, value] of Object.entries(problem.headers)) res.setHeader(name, value);
  res.statusCode = problem.status;
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.end(`${problem.title}\n`);
}
