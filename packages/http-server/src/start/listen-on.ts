import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

import { listenOnSocket } from "./listen-on-socket.ts";

/** Where a server listens. Port 0 is a free one, and without a host it is every address. */
export type ListenAddress = { readonly port: number; readonly host?: string } | { readonly socket: string };

const everyAddress: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * Listens on an address, or as `listenOnSocket()` on the path of a Unix socket.
 *
 * @returns where it listens, for a log line: `http://localhost:3000` for every address, `http://[::1]:3000`, or `unix:/run/app.sock`
 * @throws Error with `code` `EADDRINUSE` and the like when the address cannot be had
 */
export async function listenOn(server: Server, address: ListenAddress): Promise<string> {
  if ("socket" in address) {
    await listenOnSocket(server, address.socket);
    return `unix:${address.socket}`;
  }
  const { port, host = "::" } = address;
  if (address.host === undefined) server.listen(port);
  else server.listen(port, host);
  await once(server, "listening");
  return `http://${nameOf(host)}:${(server.address() as AddressInfo).port}`;
}

function nameOf(host: string): string {
  if (everyAddress.has(host)) return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
