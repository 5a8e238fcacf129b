import { connect, type Socket } from "node:net";

import { listen } from "./listen.ts";

/** A running forward proxy. */
export interface ForwardProxy extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
  /** Authorities that clients have asked for, those that were refused too. */
  readonly asked: string[];
}

/** Starts a forward proxy that knows `CONNECT` only and demands credentials, such as `user:password`. */
export async function startForwardProxy(credentials: string): Promise<ForwardProxy> {
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const running = await listen((_req, res) => void res.writeHead(405).end());
  const expected = `Basic ${Buffer.from(credentials).toString("base64")}`;
  running.server.on("connect", ({ url = "", headers }, client: Socket) => {
    asked.push(url);
    sockets.push(client);
    if (headers["proxy-authorization"] !== expected) return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const { hostname, port } = new URL(`http://${url}`);
    const target = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    sockets.push(target);
    for (const side of [client, target]) side.on("error", () => client.destroy()).on("close", () => target.destroy());
  });
  return {
    host: new URL(running.url).host,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await running[Symbol.asyncDispose]();
    },
  };
}
