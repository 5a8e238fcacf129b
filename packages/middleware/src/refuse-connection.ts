import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

import { HttpProblem } from "./http-problem.ts";
import { problemDocument } from "./problem-document.ts";
import { isValidHeader } from "./valid-header.ts";

/** What a refusal carries beside the problem. */
export interface RefusalDetails {
  /** Makes the URI of the problem type, as in `problemDetails()`. Default: the pages of this project. */
  readonly typeUri?: string | undefined;
  /** Headers of every response, such as the security headers. Those of the problem win. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as `X-Request-Id` and as `request_id`. Default: none is sent. */
  readonly requestId?: string | undefined;
}

/** How long the client has to read a refusal before its connection is closed for good, in milliseconds. */
const lingerMs = 1_000;

/** Headers that this module writes itself. */
const own: ReadonlySet<string> = new Set(["connection", "content-length", "content-type", "date", "transfer-encoding", "trailer"]);

/**
 * Writes a problem document (RFC 9457) to a connection for which there is no response object, such as one whose request is malformed or
 * asks for another protocol, and closes the connection, whatever the client does.
 */
export function refuseConnection(socket: Duplex, error: unknown, { typeUri, headers, requestId }: RefusalDetails = {}): void {
  // Without a listener the failure of a client's connection would end the process.
  socket.on("error", () => undefined);
  if (!socket.writable) return void socket.destroy();
  const problem = HttpProblem.from(error);
  const body = Buffer.from(problemDocument(problem, typeUri, requestId === undefined ? {} : { request_id: requestId }));
  const fields = {
    ...headers,
    "Cache-Control": "no-store",
    ...problem.headers,
    ...(requestId !== undefined && { "X-Request-Id": requestId }),
  };
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`,
    ...Object.entries(fields).filter(isWritable).map(toLine),
    "Content-Type: application/problem+json",
    `Content-Length: ${body.length}`,
    `Date: ${new Date().toUTCString()}`,
    "Connection: close",
  ];
  endConnection(socket, Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), body]));
}

/** Closes a connection after what has been written to it and these bytes, whatever the client does. */
export function endConnection(socket: Duplex, bytes: Uint8Array = new Uint8Array()): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once("close", () => clearTimeout(timer));
  // What still comes is thrown away: closing a connection with unread bytes would reset it, and the response with it.
  socket.resume().end(bytes);
}

/** A header that Node would refuse must not cost the client its response. */
function isWritable([name, value]: readonly [string, string]): boolean {
  return !own.has(name.toLowerCase()) && isValidHeader(name, value);
}

function toLine([name, value]: readonly [string, string]): string {
  return `${name}: ${value}`;
}
