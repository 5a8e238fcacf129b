import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Closes a connection so that what came is not taken for complete. Node can reset only TCP, and throws for TLS and Unix sockets. */
export function resetConnection(socket: Duplex): void {
  const isTcp = socket instanceof Socket && !("encrypted" in socket) && socket.remoteAddress !== undefined;
  if (isTcp && !socket.destroyed) socket.resetAndDestroy();
  else socket.destroy();
}
