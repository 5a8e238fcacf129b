import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttp1Server } from "node:http";
import { createSecureServer, createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { test, type TestContext } from "node:test";

import { makeCertificates, startForwardProxy, temporaryFile } from "@aivillage/testing";

import { healthCascade, type ServiceOptions, type ServiceReport } from "../src/index.ts";

/** What one round of probes finds. */
async function probeOnce(service: ServiceOptions): Promise<ServiceReport | undefined> {
  const health = healthCascade({ services: { service }, probe: "request", deadlineMs: 30_000, timeoutMs: 30_000 });
  const { services } = await health.check();
  health.close();
  return services["service"];
}

async function portOf(t: TestContext, server: Server): Promise<number> {
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** Responds with 204 and notes what it was asked. */
const noting = (asked: string[]) => (req: Http2ServerRequest, res: Http2ServerResponse) => {
  asked.push(`${req.httpVersion} ${req.authority} ${req.url}`);
  res.writeHead(204).end();
};

test("a service that speaks nothing but HTTP/2 is probed by it, without TLS and on a Unix socket too", async (t) => {
  const asked: string[] = [];
  const port = await portOf(t, createServer(noting(asked)));
  const url = `http://127.0.0.1:${port}`;
  assert.equal((await probeOnce({ url }))?.status, "unhealthy", "by HTTP/1.1 it is not reached");
  const { status, status_code: code } = (await probeOnce({ url: `${url}/base`, path: "/ready?full", http2: true })) ?? {};
  assert.deepEqual([status, code, asked], ["healthy", 204, [`2.0 127.0.0.1:${port} /base/ready?full`]]);

  using file = temporaryFile("app.sock");
  const onSocket = createServer(noting(asked)).listen(file.path);
  t.after(() => onSocket.close());
  await once(onSocket, "listening");
  assert.equal((await probeOnce({ url: `unix:${file.path}:/base`, http2: true }))?.status, "healthy");
  assert.equal(asked.at(-1), "2.0 localhost /base/healthz");
});

test("with TLS the service chooses between HTTP/2 and HTTP/1.1, also through an outbound proxy", async (t) => {
  using certificates = makeCertificates();
  const { ca, server, client } = certificates;
  const common = { cert: server.cert, key: server.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
  const asked: string[] = [];
  const modern = `https://127.0.0.1:${await portOf(t, createSecureServer(common, noting(asked)))}`;
  const former = `https://127.0.0.1:${await portOf(
    t,
    createTlsServer(common, (_req, res) => res.writeHead(204).end()),
  )}`;
  await using proxy = await startForwardProxy("user:p@ss");
  const tls = { ca: ca.cert, cert: client.cert, key: client.key };
  for (const outboundProxy of [undefined, `http://user:p%40ss@${proxy.host}`]) {
    const way = { tls, http2: true, ...(outboundProxy !== undefined && { outboundProxy }) };
    assert.equal((await probeOnce({ url: modern, ...way }))?.status_code, 204);
    assert.equal((await probeOnce({ url: former, ...way }))?.status_code, 204);
  }
  assert.equal(asked.length, 2);
  assert.equal((await probeOnce({ url: modern, http2: true }))?.error, "certificate not trusted");
  const otherName = { ...tls, serverName: "other.internal" };
  assert.equal((await probeOnce({ url: modern, http2: true, tls: otherName }))?.error, "certificate for another name");
});

test("what goes wrong with HTTP/2 is named as with HTTP/1.1", async (t) => {
  const origin = async (server: Server) => `http://127.0.0.1:${await portOf(t, server)}`;
  const errorOf = async (server: Server, options: Partial<ServiceOptions> = {}) =>
    (await probeOnce({ url: await origin(server), http2: true, ...options }))?.error;
  assert.equal(await errorOf(createHttp1Server()), "not an HTTP/2 response");
  assert.equal(await errorOf(createServer((_req, res) => res.writeHead(503).end())), "unexpected status");
  const silent = createTcpServer((socket) => void socket.resume().on("error", () => undefined));
  assert.equal(await errorOf(silent, { timeoutMs: 200 }), "timed out");
  const closing = createTcpServer((socket) => void socket.destroy());
  assert.equal(await errorOf(closing), "connection reset");
  const cut = createServer((_req, res) => {
    res.writeHead(200);
    res.write("a part", () => res.stream.session?.socket.destroy());
  });
  assert.equal(await errorOf(cut), "connection reset");
  const reset = createServer((_req, res) => res.stream.close(2));
  assert.equal(await errorOf(reset), "connection reset");
  assert.throws(() => healthCascade({ services: { a: { url: "http://a", http2: "yes" as never } } }), /`services\.a\.http2` must be/);
});
