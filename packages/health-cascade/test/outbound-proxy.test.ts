import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";

import { deadUrl, makeCertificates, startDownstream, startForwardProxy } from "@aivillage/testing";

import { healthCascade, type ServiceOptions, type ServiceReport } from "../src/index.ts";

const credentials = "user:p@ss";

/** What one round of probes finds. */
async function probeOnce(service: ServiceOptions): Promise<ServiceReport | undefined> {
  const health = healthCascade({ services: { service }, probe: "request", deadlineMs: 30_000, timeoutMs: 30_000 });
  const { services } = await health.check();
  health.close();
  return services["service"];
}

test("probes go through the outbound proxy", async () => {
  await using target = await startDownstream({ status: 204 });
  await using proxy = await startForwardProxy(credentials);
  const outboundProxy = `http://user:p%40ss@${proxy.host}`;
  assert.equal((await probeOnce({ url: target.url, outboundProxy, path: "/ready?full" }))?.status_code, 204);
  assert.deepEqual(proxy.asked, [new URL(target.url).host]);
  assert.deepEqual(
    target.received.map(({ url }) => url),
    ["/ready?full"],
  );
});

test("TLS runs through the tunnel, with the certificates of the service", async (t) => {
  using certificates = makeCertificates();
  const { ca, server, client } = certificates;
  await using proxy = await startForwardProxy(credentials);
  const service = createTlsServer(
    { cert: server.cert, key: server.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
    (_req, res) => res.end(),
  ).listen(0, "127.0.0.1");
  t.after(() => service.close());
  await once(service, "listening");
  const url = `https://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const outboundProxy = `http://user:p%40ss@${proxy.host}`;
  const tls = { ca: ca.cert, cert: client.cert, key: client.key };
  assert.equal((await probeOnce({ url, outboundProxy, tls }))?.status, "healthy");
  assert.equal((await probeOnce({ url, outboundProxy, tls: { ...tls, serverName: "backend.internal" } }))?.status, "healthy");
  assert.equal((await probeOnce({ url, outboundProxy, tls: { ...tls, serverName: "other.internal" } }))?.status, "unhealthy");
  assert.equal(proxy.asked.length, 3);
});

test("a proxy that refuses is no response of the service, whatever status the service may send", async () => {
  await using target = await startDownstream();
  await using proxy = await startForwardProxy(credentials);
  const expectedStatus = ["2xx", "3xx", "4xx"] as const;
  const refused = await probeOnce({ url: target.url, outboundProxy: `http://${proxy.host}`, expectedStatus });
  assert.deepEqual([refused?.status, refused?.error], ["unhealthy", "outbound proxy responded with 407"]);
  assert.equal(target.received.length, 0);
});

test("a proxy that is down or silent is named as the cause", async (t) => {
  await using target = await startDownstream();
  const dead = await deadUrl();
  assert.equal((await probeOnce({ url: target.url, outboundProxy: dead }))?.error, "outbound proxy: connection refused");
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.resume())).listen(0, "127.0.0.1");
  t.after(() => silent.close());
  await once(silent, "listening");
  const outboundProxy = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  assert.equal((await probeOnce({ url: target.url, outboundProxy, timeoutMs: 200 }))?.error, "outbound proxy: timed out");
  assert.equal(sockets.length, 1);
  if (sockets[0]?.closed === false) await once(sockets[0], "close");
});

test("a proxy that is no URL is refused without its credentials", () => {
  const made = (outboundProxy: string) => () => healthCascade({ services: { a: { url: "https://a.example", outboundProxy } } });
  assert.throws(made("proxy"), /`services\.a\.outboundProxy` must be an http: or https: URL without a path/);
  for (const proxy of ["http://user:secret@proxy/path", "user:secret@proxy:3128"]) {
    assert.throws(made(proxy), (error: Error) => error.message.includes("[redacted]@proxy") && !error.message.includes("secret"));
  }
});
