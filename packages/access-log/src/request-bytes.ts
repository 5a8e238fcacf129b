import type { Socket } from "node:net";

const counted = new WeakMap<Socket, number>();

/**
 * The bytes that have come on a connection since this was asked last.
 *
 * Asked at the end of each request they are those of its head and body. What a client has sent ahead, as in pipelining, counts to
 * the request before; what it sends after the end of the answer to the next one.
 */
export function bytesSinceLast(socket: Socket): number {
  const { bytesRead } = socket;
  const before = counted.get(socket) ?? 0;
  counted.set(socket, bytesRead);
  return bytesRead - before;
}
