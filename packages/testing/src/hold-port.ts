import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

import { eventually } from "./eventually.ts";

/**
 * Stops listening for good: new connections are refused. One silent connection of this process keeps the port, or the
 * system would give it to the next server that asks for any.
 */
export async function holdPort(server: Server): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const accepted: Socket[] = [];
  server.removeAllListeners("connection").on("connection", (socket: Socket) => accepted.push(socket.unref()));
  const client = connect(port, "127.0.0.1");
  await once(client, "connect");
  client.unref();
  const isOurs = ({ remotePort }: Socket): boolean => remotePort === client.localPort;
  await eventually(() => accepted.some(isOurs), "the connection that keeps the port");
  server.close();
  for (const socket of accepted) if (!isOurs(socket)) socket.destroy();
}

/** An origin at which nobody listens, nor will while this process lives. */
export async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await holdPort(server);
  return `http://127.0.0.1:${port}`;
}
