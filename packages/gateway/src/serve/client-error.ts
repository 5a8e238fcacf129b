import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";

import { HttpProblem } from "@aivillage/middleware";
import { securityHeaders } from "@aivillage/security-headers";

import { recordFields } from "../record-fields.ts";

/** How long the client has to read a refusal before its connection is closed for good. */
const lingerMs = 1_000;

const problems: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "The header fields are larger than this server takes."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "The chunk extensions are larger than this server takes."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request did not arrive in time."],
};

/** As on every other answer. */
const securityLines = recordFields(securityHeaders()).map(([name, value]) => `${name}: ${value}`);

/**
 * Answers what is no HTTP request, before any handler could see it, with a problem document, and closes the connection.
 *
 * Listener of the server's `clientError`. A connection that was reset, or whose answer has begun, is only closed.
 */
export function answerClientError(
  error: NodeJS.ErrnoException & { bytesParsed?: number },
  socket: Duplex & { bytesWritten?: number },
): void {
  if (error.code === "ECONNRESET" || (socket.bytesWritten ?? 0) > 0) return void socket.destroy();
  refuse(socket, ...(problems[error.code ?? ""] ?? ([400, "This is not a well-formed HTTP request."] as const)));
}

/**
 * Writes a problem document to a connection for which there is no response object, and closes it, whatever the client does. The id is
 * that of the request, if it has one.
 */
export function refuse(socket: Duplex, status: number, detail: string, requestId: string = randomUUID()): void {
  if (!socket.writable) return void socket.destroy();
  const { title, type } = new HttpProblem({ status, detail });
  const body = JSON.stringify({ type, title, status, detail, request_id: requestId });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...securityLines,
    `X-Request-Id: ${requestId}`,
    "Cache-Control: no-store",
    `Date: ${new Date().toUTCString()}`,
    "Connection: close",
  ];
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once("close", () => clearTimeout(timer)).on("error", () => undefined);
  // What still comes is thrown away: closing a connection with unread bytes would reset it, and the answer with it.
  socket.resume().end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
