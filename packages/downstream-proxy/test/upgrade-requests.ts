import { listen } from "@aivillage/testing";

import { downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";
import { rawServer } from "./support.ts";

/** A server whose upgrades go through the proxy. */
export async function serveUpgrades(options: DownstreamProxyOptions) {
  const proxy = downstreamProxy(options);
  const running = await listen((_req, res) => res.end());
  running.server.on("upgrade", proxy.upgrade);
  return {
    ...running,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy.close({ deadlineMs: 0 });
      await running[Symbol.asyncDispose]();
    },
  };
}

/** A request for a WebSocket. */
export const ask = (fields = "", path = "/") =>
  `GET ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${fields}\r\n`;

/** A target that changes the protocol, and then does what it is told. */
export const raw101 = () =>
  rawServer((socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
