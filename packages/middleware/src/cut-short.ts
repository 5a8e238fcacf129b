import type { ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { http2StreamOf, internalError } from "./http2-stream.ts";

/**
 * Ends a response that cannot be completed, so that the client does not take it for complete.
 *
 * If neither a length nor chunks would show that something is missing, the connection is reset instead of closed. A stream of HTTP/2 is reset
 * with an error: after `res.destroy()` clients see a stream that has ended without one.
 */
export function cutShort(res: ServerResponse): void {
  const stream = http2StreamOf(res);
  if (stream !== undefined) return stream.close(internalError);
  const framed = res.chunkedEncoding || res.hasHeader("Content-Length");
  if (!framed && res.socket !== null) resetConnection(res.socket);
  res.destroy();
}

/** Closes a connection so that its content is not taken for complete. Node can reset only TCP, and throws for TLS and Unix sockets. */
export function resetConnection(socket: Duplex): void {
  const isTcp = socket instanceof Socket && !("encrypted" in socket) && socket.remoteAddress !== undefined;
  if (isTcp && !socket.destroyed) socket.resetAndDestroy();
  else socket.destroy();
}
