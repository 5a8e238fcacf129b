import { connect, type Socket } from "node:net";

import type { Random } from "../bench/simulation/random.ts";

const plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
/** A visit that lasts longer keeps a slot from the others. */
const longestMs = 12;

/** One connection with up to three requests, that ends when the server ends it, or when the client has had enough. */
export function visit(port: number, random: Random): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    socket.once("close", () => resolve());
    const isUpgrade = random.next() < 0.15;
    socket.write(isUpgrade ? upgrade : plain.repeat(1 + Math.floor(random.next() * 3)));
    leaveAfter(socket, Math.floor(random.next() * longestMs), random.next() < 0.5, isUpgrade);
  });
}

function leaveAfter(socket: Socket, ms: number, resets: boolean, isUpgrade: boolean): void {
  socket.on("data", () => isUpgrade && socket.write("frame"));
  const timer = setTimeout(() => (resets ? socket.resetAndDestroy() : socket.destroy()), ms);
  socket.once("close", () => clearTimeout(timer));
}
