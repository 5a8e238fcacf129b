import type { IncomingMessage, ServerResponse } from "node:http";

import { getPendingUpgrade } from "@aivillage/middleware";

/**
 * Calls `ended` when nothing more will be sent for a request: its response is complete, the connection has closed, or the protocol that it
 * was upgraded to has ended. It may be called twice.
 */
export function onResponseEnd(req: IncomingMessage, res: ServerResponse, ended: () => void): void {
  const upgrade = getPendingUpgrade(req);
  // Whoever takes over the connection has no use for the response.
  if (upgrade !== undefined) return void upgrade.socket.once("close", ended);
  // Some hosts for tests emit only `finish`.
  res.once("finish", ended).once("close", ended);
  // A response behind others on its connection has no socket yet, and is never closed if the client leaves before it has its turn.
  if (res.socket === null && typeof req.socket?.once === "function") watchSocket(req, res, ended);
}

function watchSocket({ socket }: IncomingMessage, res: ServerResponse, ended: () => void): void {
  socket.once("close", ended);
  res.once("close", () => socket.off("close", ended));
}

/** Whether the client has left, or the response is complete: there is nothing to wait for. */
export function hasEnded(req: IncomingMessage, res: ServerResponse): boolean {
  if (res.destroyed || res.writableEnded) return true;
  const socket = getPendingUpgrade(req)?.socket ?? req.socket;
  return socket.destroyed;
}
