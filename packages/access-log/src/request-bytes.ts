import type { Socket } from "node:net";

const counted = new WeakMap<Socket, number>();

/**
 * The bytes that have come on a connection since this was asked last.
 *
 * `undefined` on a connection that counts nothing, as that of HTTP/2, which its requests share, or of a test without sockets.
 *
 * Asked at the end of each request they are those of its head and body. What a client has sent ahead, as in pipelining, counts to
 * the request before; what it sends after the end of the response to the next one.
 */
export function bytesSinceLast(socket: Socket): number | undefined {
  const bytesRead = countOf(socket.bytesRead);
  if (bytesRead === undefined) return undefined;
  const before = counted.get(socket) ?? 0;
  counted.set(socket, bytesRead);
  return bytesRead - before;
}

/** A counter of a socket, where there is one. */
export function countOf(counter: unknown): number | undefined {
  return typeof counter === "number" ? counter : undefined;
}
