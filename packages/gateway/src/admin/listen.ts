import { once } from "node:events";
import { rmSync } from "node:fs";
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";

/** Only the user of the process may connect: on a Unix socket that is permission to write. */
const socketMask = 0o177;

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

/** A process that was killed leaves its socket behind, where nobody listens. */
async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    await listenMasked(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || (await isServed(path))) throw error;
    rmSync(path);
    await listenMasked(server, path);
  }
}

/** The socket is made by the call itself, so it never has another mode. */
async function listenMasked(server: Server, path: string): Promise<void> {
  const listening = once(server, "listening");
  const mask = process.umask(socketMask);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await listening;
}

async function isServed(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}
