import type { IncomingMessage } from "node:http";

import { countHeader, hostOf } from "@aivillage/middleware";

import { malformedRequest } from "../report/errors.ts";

/** A host and an optional port (RFC 9110, 7.2), and nothing that a service could read as more: user, path, list, spaces. */
const hostAndPort = /^(?:[\w.~!$&'()*+;=%-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/**
 * Refuses requests that Node's parser accepts and that an upstream server could read differently (RFC 9112, 3.2 and 6).
 *
 * The parser refuses most of them: conflicting lengths, a length with chunks, line folding, spaces before a colon, bare CR or LF.
 *
 * @throws HttpProblem 400 `malformed-request`, which closes the connection
 */
export function refuseAmbiguous(req: IncomingMessage): void {
  const { httpVersionMajor: major, httpVersionMinor: minor } = req;
  if (!(major === 1 && minor <= 1) && !(major === 2 && minor === 0)) {
    throw malformedRequest("Its version must be HTTP/1.0, HTTP/1.1 or HTTP/2.");
  }
  checkFraming(req);
  checkHost(req);
}

function checkFraming({ headers, rawHeaders, httpVersionMinor }: IncomingMessage): void {
  const { "transfer-encoding": coding, "content-length": length } = headers;
  if (coding !== undefined) {
    const isPlainChunked = coding.toLowerCase() === "chunked" && httpVersionMinor === 1 && length === undefined;
    if (!isPlainChunked) throw malformedRequest("Its body must be framed by one Content-Length, or in HTTP/1.1 by chunks alone.");
  }
  if (length === undefined) return;
  if (!/^\d{1,15}$/.test(length) || countHeader(rawHeaders, "content-length") !== 1) {
    throw malformedRequest("It must have one Content-Length, a number.");
  }
}

/** In HTTP/2 `:authority` takes its place; a `Host` beside it must not differ (RFC 9113, 8.3.1). */
function checkHost(req: IncomingMessage): void {
  const { headers, rawHeaders, httpVersionMajor, httpVersionMinor } = req;
  const host = hostOf(req);
  if (host === undefined && httpVersionMajor === 1 && httpVersionMinor === 0) return;
  const isPlain = countHeader(rawHeaders, "host") === 1 || (httpVersionMajor === 2 && headers.host === undefined);
  if (host === undefined || !hostAndPort.test(host) || !isPlain || (headers.host ?? host) !== host) {
    throw malformedRequest("It must have one Host header, with a host and an optional port.");
  }
}
