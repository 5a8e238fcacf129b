import { once } from "node:events";
import { request, type IncomingMessage, type RequestOptions } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

import { compose, type ErrorHandler, type Event, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { listen, type RunningServer } from "@aivillage/testing";

import { type DownstreamProxy, downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";

/** Answers with what the client would learn from the problem. */
export const sendProblem: ErrorHandler = (error, _req, res, _next) => {
  if (res.headersSent) return void res.destroy();
  const { status, type, detail, headers, expose } = HttpProblem.from(error);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.statusCode = status;
  res.setHeader("Content-Type", "application/problem+json");
  res.end(JSON.stringify({ status, type, detail: expose ? detail : undefined }));
};

export interface ProxyServer extends RunningServer {
  readonly proxy: DownstreamProxy;
  /** The clients' connections. */
  readonly sockets: readonly Socket[];
}

/** A proxy on a bare `node:http` server, behind other handlers. Disposing closes both. */
export async function serveProxy(options: DownstreamProxyOptions, ...before: Handler[]): Promise<ProxyServer> {
  const proxy = downstreamProxy(options);
  const running = await listen(toListener(compose(...before, proxy), sendProblem));
  const sockets: Socket[] = [];
  running.server.on("connection", (socket) => sockets.push(socket));
  return {
    ...running,
    proxy,
    sockets,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await proxy.close();
    },
  };
}

export interface RawServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly sockets: Socket[];
  /** Everything that came, on all connections. */
  text(): string;
}

/** A TCP server that is told what to do with each connection once the first bytes have come. */
export async function rawServer(onRequest: (socket: Socket) => void = () => undefined): Promise<RawServer> {
  const sockets: Socket[] = [];
  const chunks: Buffer[] = [];
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined).on("data", (chunk) => chunks.push(chunk));
    socket.once("data", () => onRequest(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    text: () => Buffer.concat(chunks).toString("latin1"),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export interface ClientResponse {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: string[];
  readonly body: string;
  /** False when the connection was cut before the end. */
  readonly complete: boolean;
}

/** Sends a request on a connection of its own and reads the answer, however it ends; `onBody` sees what has come of it so far. */
export function send(
  url: string,
  options: RequestOptions = {},
  body?: string | Buffer,
  onBody: (soFar: string) => void = () => undefined,
): Promise<ClientResponse> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        onBody(Buffer.concat(chunks).toString());
      });
      res.on("error", () => undefined);
      res.on("close", () => {
        const { statusCode = 0, headers, rawHeaders, complete } = res;
        resolve({ status: statusCode, headers, rawHeaders, body: Buffer.concat(chunks).toString(), complete });
      });
    });
    sent.on("error", reject).end(body);
  });
}

/** A client that can leave in the middle. */
export async function rawClient(port: number, bytes: string): Promise<{ socket: Socket; text(): string }> {
  const chunks: Buffer[] = [];
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined).on("data", (chunk) => chunks.push(chunk));
  await once(socket, "connect");
  socket.write(bytes);
  return { socket, text: () => Buffer.concat(chunks).toString("latin1") };
}

/** Collects what an event tells until disposed. */
export function collect<T>(source: Event<T>): T[] & Disposable {
  const messages: T[] = [];
  const stop = source.subscribe((message) => messages.push(message));
  return Object.assign(messages, { [Symbol.dispose]: stop });
}
