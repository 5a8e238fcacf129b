import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An issuer's JWK Set on a loopback address. */
export interface KeyServer extends AsyncDisposable {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: number;
  /** What it responds with: a set of keys, or whatever the function does. */
  serve(keys: readonly object[] | ((req: IncomingMessage, res: ServerResponse) => void)): void;
  /** Takes the server off its port; `start()` puts it back there. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startKeyServer(keys: readonly object[] = []): Promise<KeyServer> {
  let asked = 0;
  let respond = respondWith(keys);
  const server = createServer((req, res) => {
    asked += 1;
    respond(req, res);
  });
  let port = 0;
  const start = async (): Promise<void> => {
    await once(server.listen(port, "127.0.0.1"), "listening");
    ({ port } = server.address() as AddressInfo);
  };
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}/jwks.json`,
    get asked() {
      return asked;
    },
    serve: (next) => {
      respond = typeof next === "function" ? next : respondWith(next);
    },
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function respondWith(keys: readonly object[]) {
  return (_req: IncomingMessage, res: ServerResponse): void => {
    res.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ keys }));
  };
}
