import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

import type { Random } from "../bench/simulation/random.ts";

const plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
/** A client that stays longer keeps a slot from the others. */
const longestMs = 8;

/** One connection with some requests at a time, that ends when the server ends it, or when the client has had enough. */
export async function visit(port: number, random: Random): Promise<void> {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  const closed = new Promise((resolve) => void socket.once("close", resolve));
  const isUpgrade = random.next() < 0.1;
  const stays = isUpgrade ? 0 : 0.7;
  socket.on("data", () => isUpgrade && socket.write("frame"));
  do {
    socket.write(isUpgrade ? upgrade : plain.repeat(1 + Math.floor(random.next() * 6)));
    await delay(random.next() * longestMs);
  } while (!socket.destroyed && random.next() < stays);
  if (random.next() < 0.5) socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}
