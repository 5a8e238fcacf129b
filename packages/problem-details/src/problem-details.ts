import type { IncomingMessage, ServerResponse } from "node:http";

import { type ErrorHandler, event, HttpProblem } from "@aivillage/middleware";

import { endAfterBody } from "./end-after-body.ts";
import { type ProblemDetailsOptions, readProblemDetailsOptions } from "./options.ts";

/** An error was answered, or cut the connection because the head had been sent. */
export interface ProblemAnswered {
  req: IncomingMessage;
  problem: HttpProblem;
  /** What was handed to `next()`. Only for logs: it may hold internals. */
  error: unknown;
}

export const problemAnswered = event<ProblemAnswered>("aivillage:problem-details:answered");

/**
 * Makes the error handler that answers with `application/problem+json` (RFC 9457). Mount it last.
 *
 * Status and headers come from the error; `detail` and extension members only when it says `expose`. What is no HTTP error is
 * a 500 without detail: neither message nor stack leaves the process. When the head was already sent, the connection is cut.
 *
 * @throws TypeError for an unknown or bad option
 */
export function problemDetails(options?: ProblemDetailsOptions): ErrorHandler {
  const { typeUri, requestId } = readProblemDetailsOptions(options);

  return function problemDetailsHandler(error, req, res, _next) {
    const problem = HttpProblem.from(error);
    if (problemAnswered.heard) problemAnswered.publish({ req, problem, error });
    if (res.headersSent) return void res.destroy();
    writeHead(problem, res);
    endAfterBody(req, res, JSON.stringify(toDocument(problem, typeUri, requestId?.(req))));
  };
}

function toDocument(problem: HttpProblem, typeUri: string, requestId: string | undefined): Record<string, unknown> {
  const isSlug = /^[\w-]+$/.test(problem.type);
  return {
    type: isSlug ? typeUri.replace("{slug}", problem.type) : problem.type,
    title: problem.title,
    status: problem.status,
    ...(problem.expose && { detail: problem.detail, ...problem.extensions }),
    ...(requestId !== undefined && { request_id: requestId }),
  };
}

/** Headers that describe the answer that was being prepared when the error came. */
const stale = [
  "Content-Encoding",
  "Content-Language",
  "Content-Range",
  "Content-Disposition",
  "ETag",
  "Last-Modified",
  "Transfer-Encoding",
];

function writeHead(problem: HttpProblem, res: ServerResponse): void {
  for (const name of stale) res.removeHeader(name);
  for (const [name, value] of Object.entries(problem.headers)) res.setHeader(name, value);
  res.statusCode = problem.status;
  res.setHeader("Content-Type", "application/problem+json");
  res.setHeader("Cache-Control", "no-store");
}
