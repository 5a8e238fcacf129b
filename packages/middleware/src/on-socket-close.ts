import type { Socket } from "node:net";

const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls a listener when the socket closes, and returns the function that takes it back.
 *
 * However many requests wait on one connection, the socket gets a single listener: Node warns of a leak from eleven on.
 */
export function onSocketClose(socket: Socket, listener: () => void): () => void {
  const listeners = waiting.get(socket) ?? watch(socket);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function watch(socket: Socket): Set<() => void> {
  const listeners = new Set<() => void>();
  waiting.set(socket, listeners);
  socket.once("close", () => {
    for (const listener of listeners) listener();
  });
  return listeners;
}
