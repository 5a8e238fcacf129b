import { Agent as HttpAgent, type ClientRequest, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";

import type { Agents } from "got";

/** The outbound proxy could not be reached or made no tunnel, so nothing is known of the service. */
export class OutboundProxyError extends Error {
  override readonly name = "OutboundProxyError";
  /** The status of its response to `CONNECT`; `undefined` if there was none. */
  readonly status: number | undefined;

  constructor(message: string, { status, cause }: { status?: number; cause?: unknown }) {
    super(message, { cause });
    this.status = status;
  }
}

/** What one probe sends its request through. */
export interface Tunnel extends Disposable {
  readonly agent: Agents;
  /** The connection to the service. */
  readonly socket: Socket;
}

interface TunnelRequest {
  /** The URL of the proxy, which may hold credentials. */
  readonly proxy: string;
  /** The URL of the probe. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Makes a tunnel through an outbound proxy (`CONNECT`: RFC 9110, 9.3.6), for `http:` URLs too.
 *
 * @throws OutboundProxyError when there is no tunnel after `timeoutMs`
 */
export async function openTunnel(request: TunnelRequest): Promise<Tunnel> {
  const socket = await connect(request);
  return {
    // One request uses it, and its connection is the tunnel. TLS runs inside.
    socket,
    agent: { http: new TunnelAgent(socket), https: new HttpsAgent({ socket, keepAlive: false }) },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

class TunnelAgent extends HttpAgent {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super({ keepAlive: false });
    this.#socket = socket;
  }

  override createConnection(): Socket {
    return this.#socket;
  }
}

function connect({ proxy, url, timeoutMs, signal }: TunnelRequest): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = askForTunnel(new URL(proxy), new URL(url), signal);
    const timer = setTimeout(() => request.destroy(Object.assign(new Error("no tunnel in time"), { code: "ETIMEDOUT" })), timeoutMs);
    request.on("error", (cause) => {
      clearTimeout(timer);
      reject(new OutboundProxyError("the outbound proxy cannot be reached", { cause }));
    });
    request.once("connect", ({ statusCode: status = 0 }, socket: Socket) => {
      clearTimeout(timer);
      if (status < 300) return resolve(socket);
      socket.destroy();
      reject(new OutboundProxyError("the outbound proxy made no tunnel", { status }));
    });
    request.end();
  });
}

function askForTunnel(proxy: URL, target: URL, signal: AbortSignal): ClientRequest {
  const authority = `${target.hostname}:${target.port || defaultPort(target)}`;
  const request = proxy.protocol === "https:" ? httpsRequest : httpRequest;
  return request({
    host: proxy.hostname.replace(/^\[|\]$/g, ""),
    port: proxy.port || defaultPort(proxy),
    method: "CONNECT",
    path: authority,
    agent: false,
    headers: { Host: authority, ...authorization(proxy) },
    signal,
  });
}

function defaultPort({ protocol }: URL): string {
  return protocol === "https:" ? "443" : "80";
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}
