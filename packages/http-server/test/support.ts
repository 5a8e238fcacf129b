import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { TestContext } from "node:test";

import { clientDropped, connectionLimited, httpServer, type HttpServerOptions } from "@aivillage/http-server";

/** Serves with a handler until the test ends. */
export async function serve(t: TestContext, handler: RequestListener, options: HttpServerOptions = {}) {
  const reached: string[] = [];
  const dropped: string[] = [];
  const server = httpServer(handler, options).listen(0, "127.0.0.1");
  const ends = [
    connectionLimited.subscribe(({ server: source, limit, action }) => void (source === server && reached.push(`${limit} ${action}`))),
    clientDropped.subscribe(({ server: source, reason }) => void (source === server && dropped.push(reason))),
  ];
  t.after(() => {
    for (const end of ends) end();
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, server, reached, dropped };
}

/** Connects, sends the text, and collects what comes until the test ends. */
export function open(t: TestContext, port: number, text: string) {
  let received = "";
  const socket: Socket = connect({ port, host: "127.0.0.1" }, () => text !== "" && socket.write(text));
  t.after(() => socket.destroy());
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1"))).on("error", () => undefined);
  return { socket, received: () => received, closed: once(socket, "close") };
}

export const get = (path: string | number, more = ""): string => `GET /${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
