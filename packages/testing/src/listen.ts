import { createServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import type { AddressInfo } from "node:net";

import { holdPort } from "./hold-port.ts";

/** A server on a free loopback port. `await using` closes it with all its connections. */
export interface RunningServer extends AsyncDisposable {
  /** Origin without trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Stops listening and cuts all connections, as a service that died: new connections are refused. */
  goAway(): Promise<void>;
}

export async function listen(listener: RequestListener, options: ServerOptions = {}): Promise<RunningServer> {
  const server = createServer(options, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    async goAway() {
      await holdPort(server);
      server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return server.closeAllConnections();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
