import type { IncomingMessage } from "node:http";

import { countHeader, type Handler, hostOfTarget, HttpProblem, passError } from "@aivillage/middleware";

import { isHost } from "./is-host.ts";

/** What follows on the connection could be a part of the same message, so it is not read (RFC 9112, 6.3). */
const malformed = (detail: string): HttpProblem =>
  new HttpProblem({ status: 400, type: "malformed-request", title: "Malformed request", detail, headers: { Connection: "close" } });

const hostMissing = malformed("A request in HTTP/1.1 must have a Host header.");
const hostRepeated = malformed("A request must have one Host header.");
const hostMalformed = malformed("The Host header must be a host and an optional port.");
const targetMalformed = malformed("The host in the request target must be a host and an optional port.");
const codingMalformed = malformed("Transfer-Encoding must be `chunked` alone, in HTTP/1.1 and without a Content-Length.");
const versionUnknown = malformed("The version must be HTTP/1.0 or HTTP/1.1.");

const expectationFailed = new HttpProblem({ status: 417, detail: "This server knows no expectation but 100-continue." });

/**
 * Refuses what HTTP/1.1 demands to refuse: a `Host` that is missing, repeated or malformed (RFC 9112, 3.2), a `Transfer-Encoding` that
 * leaves open where the message ends (RFC 9112, 6.1 and 6.3), and an expectation that nothing can meet (RFC 9110, 10.1.1).
 *
 * `httpServer()` does this before your handler runs. Mount it yourself, with the option `checkHead: false`, to have refusals logged and
 * counted like every other response. The host of a target in absolute form replaces the header (RFC 9112, 3.2.2), so that no upstream
 * receives another one.
 */
export const checkHead: Handler = (req, res, next) => {
  const { headers, httpVersionMinor, url = "/" } = req;
  const problem = headProblem(req);
  if (problem !== undefined) return passError(problem, res, next);
  if (headers.expect !== undefined && httpVersionMinor > 0 && headers.expect.toLowerCase() !== "100-continue")
    return passError(expectationFailed, res, next);
  if (headers.host === undefined || url.startsWith("/")) return next();
  const host = hostOfTarget(url);
  if (host !== undefined && !isHost(host)) return passError(targetMalformed, res, next);
  headers.host = host ?? headers.host;
  next();
};

/** What is wrong with the framing or the `Host` of a request, if anything is. */
export function headProblem(req: IncomingMessage): HttpProblem | undefined {
  return framingProblem(req) ?? hostProblem(req);
}

function framingProblem({ headers, httpVersionMajor, httpVersionMinor }: IncomingMessage): HttpProblem | undefined {
  if (httpVersionMajor !== 1 || httpVersionMinor > 1) return versionUnknown;
  const coding = headers["transfer-encoding"];
  if (coding === undefined) return undefined;
  const isPlain = coding.toLowerCase() === "chunked" && httpVersionMinor === 1 && headers["content-length"] === undefined;
  return isPlain ? undefined : codingMalformed;
}

function hostProblem({ headers: { host }, rawHeaders, httpVersionMinor }: IncomingMessage): HttpProblem | undefined {
  if (host === undefined) return httpVersionMinor > 0 ? hostMissing : undefined;
  // Node keeps the first of several.
  if (countHeader(rawHeaders, "host") > 1) return hostRepeated;
  return isHost(host) ? undefined : hostMalformed;
}
