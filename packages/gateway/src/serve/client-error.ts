import type { Duplex } from "node:stream";

import { HttpProblem } from "@aivillage/middleware";

const problems: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "The header fields are larger than this server takes."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "The chunk extensions are larger than this server takes."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request did not arrive in time."],
};

/**
 * Answers what is no HTTP request, before any handler could see it, with a problem document, and closes the connection.
 *
 * Listener of the server's `clientError`. A connection that was reset, or whose answer has begun, is only closed.
 */
export function answerClientError(
  error: NodeJS.ErrnoException & { bytesParsed?: number },
  socket: Duplex & { bytesWritten?: number },
): void {
  if (error.code === "ECONNRESET" || !socket.writable || (socket.bytesWritten ?? 0) > 0) return void socket.destroy();
  const [status, detail] = problems[error.code ?? ""] ?? [400, "This is not a well-formed HTTP request."];
  const { title, type } = new HttpProblem({ status, detail });
  const body = JSON.stringify({ type, title, status, detail });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "X-Content-Type-Options: nosniff",
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
