import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

import { listenOnSocket } from "@aivillage/http-server";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";

/**
 * Listens on the Unix socket or the address of the admin listener.
 *
 * @returns where it listens
 */
export async function listenForAdmin(server: Server, { host, port, socket }: GatewayConfig["admin"]): Promise<string> {
  if (socket !== "") {
    await listenOnSocket(server, socket);
    return `unix:${socket}`;
  }
  server.listen(port, host);
  await once(server, "listening");
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${(server.address() as AddressInfo).port}`;
}
