import type { ServerResponse } from "node:http";

import type { HttpProblem } from "./http-problem.ts";
import { http2StreamOf } from "./http2-stream.ts";
import { setHeaderIfValid } from "./valid-header.ts";

/**
 * Headers that describe the response that was being prepared when the error came: its content (RFC 9110, 8), its ranges (14), its target
 * (10.2.2), how long it is fresh (RFC 9111, 5), its digests (RFC 9530) and how it is framed (RFC 9110, 6.6.2; RFC 9112, 6).
 *
 * What concerns the client, the connection or a policy stays: `Set-Cookie`, `Connection`, `Vary`, CORS and security headers.
 */
const ofThePreparedResponse = [
  "Accept-Ranges",
  "Age",
  "Cache-Control",
  "CDN-Cache-Control",
  "Content-Digest",
  "Content-Disposition",
  "Content-Encoding",
  "Content-Language",
  "Content-Length",
  "Content-Location",
  "Content-MD5",
  "Content-Range",
  "Content-Type",
  "Digest",
  "ETag",
  "Expires",
  "Last-Modified",
  "Location",
  "Pragma",
  "Repr-Digest",
  "Surrogate-Control",
  "Trailer",
  "Transfer-Encoding",
];

/** Puts status and headers of a problem in place of those of the response that failed. Content and its headers are the caller's. */
export function replaceResponse(res: ServerResponse, problem: HttpProblem): void {
  for (const name of ofThePreparedResponse) if (res.hasHeader(name)) res.removeHeader(name);
  for (const [name, value] of Object.entries(problem.headers)) setHeaderIfValid(res, name, value);
  res.statusCode = problem.status;
  if (http2StreamOf(res) === undefined) res.statusMessage = "";
}
