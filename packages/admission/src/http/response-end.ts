import type { IncomingMessage, ServerResponse } from "node:http";

import { getPendingUpgrade, onResponseClose, onSocketClose } from "@aivillage/middleware";

/**
 * Calls `ended` when nothing more will be sent for a request: its response is complete, the connection has closed, or the protocol that it
 * was upgraded to has ended. It may be called twice.
 */
export function onResponseEnd(req: IncomingMessage, res: ServerResponse, ended: () => void): void {
  const upgrade = getPendingUpgrade(req);
  // The code that takes over the connection has no use for the response.
  if (upgrade !== undefined) return void upgrade.socket.once("close", ended);
  // Some hosts for tests emit only `finish`. It comes once, and `once()` costs several times as much.
  res.on("finish", ended);
  onResponseClose(res, ended);
  // A response after others on its connection has no socket yet, and is never closed if the client leaves before it has its turn.
  if (res.socket === null) onResponseClose(res, onSocketClose(req.socket, ended));
}

/**
 * Notices a client that leaves while its connection waits for an upgrade: Node does not read such a connection, so neither an end nor a
 * reset would show. What the client sends early stays in the connection's buffer, which is bounded, for the handler that takes it over.
 *
 * @returns stops that
 */
export function watchWaitingUpgrade(req: IncomingMessage): () => void {
  const socket = getPendingUpgrade(req)?.socket;
  if (socket === undefined) return () => undefined;
  // An empty buffer is read so that its end shows.
  const onReadable = (): void => void (socket.readableLength === 0 && socket.read());
  const onEnd = (): void => void socket.destroy();
  socket.on("readable", onReadable).on("end", onEnd);
  return () => socket.off("readable", onReadable).off("end", onEnd);
}

/** Whether the client has left, or the response is complete: there is nothing to wait for. */
export function hasEnded(req: IncomingMessage, res: ServerResponse): boolean {
  if (res.destroyed || res.writableEnded) return true;
  const socket = getPendingUpgrade(req)?.socket ?? req.socket;
  return socket.destroyed;
}
