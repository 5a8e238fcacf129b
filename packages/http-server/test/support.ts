import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { TestContext } from "node:test";

import { makeServer } from "../src/http-server.ts";
import type { ConnectionLimited } from "../src/events.ts";

/** Serves with a handler until the test ends. */
export async function serve(t: TestContext, handler: RequestListener) {
  const reached: ConnectionLimited[] = [];
  const limits = { total: 1_000, perAddress: 1_000, isTrusted: () => false };
  const server = makeServer(handler, { limits, onLimited: (one) => void reached.push(one) }).listen(0, "127.0.0.1");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, reached };
}

/** Connects, sends the text, and collects what comes until the test ends. */
export function open(t: TestContext, port: number, text: string) {
  let received = "";
  const socket: Socket = connect({ port, host: "127.0.0.1" }, () => socket.write(text));
  t.after(() => socket.destroy());
  socket.on("data", (chunk: Buffer) => (received += chunk.toString())).on("error", () => undefined);
  return { socket, received: () => received, closed: once(socket, "close") };
}

export const get = (path: string | number, more = ""): string => `GET /${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
