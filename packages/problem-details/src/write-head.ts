import type { ServerResponse } from "node:http";

import type { HttpProblem } from "@aivillage/middleware";

/** Headers that describe the answer that was being prepared when the error came. */
const stale = [
  "Accept-Ranges",
  "Content-Disposition",
  "Content-Encoding",
  "Content-Language",
  "Content-Location",
  "Content-Range",
  "ETag",
  "Expires",
  "Last-Modified",
  "Trailer",
  "Transfer-Encoding",
];

/** Puts status and headers of the problem in place of those of the answer that failed. */
export function writeHead(problem: HttpProblem, res: ServerResponse): void {
  for (const name of stale) res.removeHeader(name);
  for (const [name, value] of Object.entries(problem.headers)) setHeaderIfValid(res, name, value);
  res.statusCode = problem.status;
  res.statusMessage = "";
  res.setHeader("Content-Type", "application/problem+json");
  res.setHeader("Cache-Control", "no-store");
}

/** A header that Node refuses must not cost the client its answer. */
function setHeaderIfValid(res: ServerResponse, name: string, value: string): void {
  try {
    res.setHeader(name, value);
  } catch {
    // Left out: name or value holds characters that HTTP does not allow.
  }
}
