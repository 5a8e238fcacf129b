import type { IncomingMessage } from "node:http";

import { type ErrorHandler, HttpProblem, problemDocument, replaceResponse } from "@aivillage/middleware";

import { endAfterBody } from "./end-after-body.ts";
import { problemSent } from "./events.ts";
import { type ProblemDetailsOptions, readProblemDetailsOptions } from "./options.ts";

/**
 * Makes the error handler that answers with `application/problem+json` (RFC 9457). Mount it last.
 *
 * Status and headers come from the error; `detail` and extension members only when it says `expose`. What is no HTTP error is
 * a 500 without detail: neither message nor stack leaves the process. When the head was already sent, the connection is cut,
 * so that the client sees a broken answer and not a short one; an answer that is already complete is left as it is.
 *
 * @throws TypeError for an unknown or bad option
 */
export function problemDetails(options?: ProblemDetailsOptions): ErrorHandler {
  const { typeUri, requestId, members } = readProblemDetailsOptions(options);

  return function problemDetailsHandler(error, req, res, _next) {
    const problem = HttpProblem.from(error);
    if (problemSent.heard) problemSent.publish({ req, problem, error });
    if (res.headersSent) return void (res.writableEnded || res.destroy());
    const document = problemDocument(problem, typeUri, readId(req, requestId), members?.(problem));
    replaceResponse(res, problem);
    res.setHeader("Content-Type", "application/problem+json");
    res.setHeader("Cache-Control", "no-store");
    endAfterBody(req, res, document);
  };
}

/** The error handler is the last resort: an id that cannot be made must not cost the client its answer. */
function readId(req: IncomingMessage, requestId: ProblemDetailsOptions["requestId"]): string | undefined {
  try {
    return requestId?.(req);
  } catch {
    return undefined;
  }
}
