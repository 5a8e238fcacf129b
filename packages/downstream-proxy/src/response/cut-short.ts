import type { ServerResponse } from "node:http";
import { constants, type ServerHttp2Stream } from "node:http2";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * Ends a response that cannot be completed, so that the client does not take it for complete.
 *
 * If neither a length nor chunks would show that something is missing, the connection is reset instead of closed.
 */
export function cutShort(res: ServerResponse & { stream?: ServerHttp2Stream }): void {
  if (res.stream !== undefined) return res.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
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
