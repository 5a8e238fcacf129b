import type { IncomingMessage, ServerResponse } from "node:http";

import { HttpProblem } from "./http-problem.ts";

/** Headers that describe the answer that was being prepared when the error came. */
const stale = [
  "Content-Disposition",
  "Content-Encoding",
  "Content-Language",
  "Content-Range",
  "ETag",
  "Last-Modified",
  "Transfer-Encoding",
];

/** The answer to an error that no error handler took: status, headers and a line of text; the message stays inside. */
export function answerPlainly(error: unknown, req: IncomingMessage, res: ServerResponse): void {
  if (res.headersSent) return cutUnlessComplete(res);
  const problem = HttpProblem.from(error);
  const body = `${problem.title}\n`;
  for (const name of stale) res.removeHeader(name);
  for (const [name, value] of Object.entries(problem.headers)) setHeaderIfValid(res, name, value);
  res.statusCode = problem.status;
  res.statusMessage = "";
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(body));
  res.end(body);
  // A body that a failed reader left half read would block the connection.
  if (!req.complete) req.unpipe().resume();
}

/** An error that comes after a complete answer does not take it back. */
function cutUnlessComplete(res: ServerResponse): void {
  if (!res.writableEnded) res.destroy();
}

/** A header that Node refuses must not cost the client its answer. */
function setHeaderIfValid(res: ServerResponse, name: string, value: string): void {
  try {
    res.setHeader(name, value);
  } catch {
    // Left out: name or value holds characters that HTTP does not allow.
  }
}
