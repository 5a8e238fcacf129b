import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Stream, connect, createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { createServer as createTlsServer } from "node:tls";

import { toListener } from "@aivillage/middleware";
import { makeCertificates } from "@aivillage/testing";

import { downstreamAttempted, downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";
import { sendProblem, collect, rawServer, send, serveProxy } from "./support.ts";

async function listening(t: TestContext, server: Http2Server): Promise<number> {
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.listen(0, "127.0.0.1");
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Sends each chunk back as it comes, then a trailer, as a gRPC service with bidirectional streams does. */
function echo(stream: ServerHttp2Stream, headers: { [name: string]: unknown }): void {
  stream.on("error", () => undefined).on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.respond({ ":status": 200, "content-type": "application/grpc", "x-path": String(headers[":path"]) }, { waitForTrailers: true });
  stream.on("data", (chunk: Buffer) => stream.write(`echo:${chunk.toString()}`)).on("end", () => stream.end());
}

/** A client of HTTP/2 at a server of HTTP/2 with the proxy as its handler. */
async function client(t: TestContext, options: DownstreamProxyOptions) {
  const proxy = downstreamProxy(options);
  // The requests of the compatibility API resemble those of `node:http`, but not for the compiler.
  const handler = toListener(proxy, sendProblem) as unknown as Parameters<typeof createServer>[1];
  const port = await listening(t, createServer({}, handler));
  const session = connect(`http://127.0.0.1:${port}`);
  t.after(() => {
    session.destroy();
    return proxy.close({ deadlineMs: 0 });
  });
  return session;
}

test("an HTTP/1.1 request reaches a target that speaks HTTP/2 only, and its trailers come back", async (t) => {
  const port = await listening(t, createServer().on("stream", echo));
  await using app = await serveProxy({ targets: [{ name: "inner", url: `http://127.0.0.1:${port}`, http2: true }] });
  const response = await send(`${app.url}/a?b=1`, { method: "POST", headers: { TE: "trailers", Connection: "TE" } }, "body");
  assert.equal(response.body, "echo:body");
  assert.equal(response.headers["x-path"], "/a?b=1");
});

test("HTTP/2 is negotiated with an https target", async (t) => {
  using certificates = makeCertificates();
  const { ca, server } = certificates;
  const port = await listening(t, createSecureServer(server).on("stream", echo));
  const target = { name: "inner", url: `https://127.0.0.1:${port}`, http2: true, tls: { ca: ca.cert } };
  await using app = await serveProxy({ targets: [target] });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url, { method: "POST" }, "body")).body, "echo:body");
  assert.equal(attempts[0]?.protocolVersion, "2");
});

test("a target with `http2` that chooses HTTP/1.1 is read as such: a reset breaks a response that only the connection ends", async (t) => {
  using certificates = makeCertificates();
  const { ca, server } = certificates;
  const target = createTlsServer({ ...server, ALPNProtocols: ["http/1.1"] }, (socket) => {
    socket.on("error", () => undefined).once("data", () => socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf"));
  }).listen(0, "127.0.0.1");
  t.after(() => target.close());
  const connections: Socket[] = [];
  target.on("connection", (connection: Socket) => connections.push(connection));
  await once(target, "listening");
  const { port } = target.address() as AddressInfo;
  await using app = await serveProxy({ targets: [{ name: "inner", url: `https://127.0.0.1:${port}`, http2: true, tls: { ca: ca.cert } }] });
  using attempts = collect(downstreamAttempted);
  const response = await fetch(app.url);
  for (const connection of connections) connection.resetAndDestroy();
  await assert.rejects(response.text());
  assert.deepEqual([attempts[0]?.protocolVersion, attempts[0]?.outcome], ["1.1", "reset"]);
});

test("a bidirectional stream of HTTP/2 passes in both directions at once, with its trailers", async (t) => {
  const port = await listening(t, createServer().on("stream", echo));
  const session = await client(t, { targets: [{ name: "inner", url: `http://127.0.0.1:${port}`, http2: true }] });
  const stream: ClientHttp2Stream = session.request({ ":method": "POST", ":path": "/v1.Echo/Chat", te: "trailers" });
  const trailers = once(stream, "trailers");
  stream.setEncoding("utf8").write("one");
  const [first] = await once(stream, "data");
  assert.equal(first, "echo:one");
  stream.end("two");
  assert.equal(await text(stream), "echo:two");
  const [fields] = (await trailers) as [Record<string, string>];
  assert.equal(fields["grpc-status"], "0");
});

test("a client of HTTP/2 gets what a target of HTTP/1.1 sends, and a reset when it breaks off", async (t) => {
  await using target = await rawServer((socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"));
  const session = await client(t, { target: target.url });
  const stream = session.request({ ":path": "/x" });
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  assert.equal(headers[":status"], 200);
  const failed = once(stream, "error");
  for (const socket of target.sockets) socket.destroy();
  stream.resume();
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.match(error.message, /NGHTTP2_INTERNAL_ERROR/);
  const { host } = new URL(target.url);
  assert.match(target.text(), new RegExp(`host: ${host}\\r\\n`, "i"));
  assert.match(target.text(), /X-Forwarded-Host: 127\.0\.0\.1:\d+\r\n/);
  assert.match(target.text(), /Via: 2\.0 aivillage-/);
});

test("when a client of HTTP/2 resets its stream, the request at the target is cancelled", async (t) => {
  await using target = await rawServer();
  const session = await client(t, { target: target.url });
  const stream = session.request({ ":path": "/hang" });
  stream.on("error", () => undefined);
  while (target.sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const closed = once(target.sockets[0] ?? stream, "close");
  stream.close(8);
  await closed;
});
