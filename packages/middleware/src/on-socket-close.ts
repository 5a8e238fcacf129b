import type { Socket } from "node:net";

const waiting = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls a listener when the socket closes, and returns the function that takes it back.
 *
 * However many requests wait on one connection, the socket gets a single listener: Node warns of a leak from eleven on. The requests that some
 * hosts make within the process, such as Nuxt for `$fetch("/api")` on the server, have a socket without events, which never closes.
 */
export function onSocketClose(socket: Socket | undefined, listener: () => void): () => void {
  if (!hasEvents(socket)) return () => undefined;
  const listeners = waiting.get(socket) ?? watch(socket);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function hasEvents(socket: Socket | undefined): socket is Socket {
  return typeof socket?.once === "function";
}

function watch(socket: Socket): Set<() => void> {
  const listeners = new Set<() => void>();
  waiting.set(socket, listeners);
  socket.once("close", () => {
    for (const listener of listeners) listener();
  });
  return listeners;
}
