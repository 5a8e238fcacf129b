import assert from "node:assert/strict";
import dns from "node:dns";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { toListener } from "@aivillage/middleware";
import { busyListener, listen, makeCertificates } from "@aivillage/testing";

import { healthCascade, type ServiceOptions } from "../src/index.ts";

/** The status of a service by one round of probes. */
async function statusOf(t: TestContext, service: ServiceOptions): Promise<{ status: string; error?: string }> {
  const health = healthCascade({ services: { service }, probe: "request", deadlineMs: 30_000, timeoutMs: 30_000 });
  t.after(() => health.close());
  await using app = await listen(toListener(health));
  const { services } = (await (await fetch(app.url)).json()) as { services: Record<string, { status: string; error?: string }> };
  const { status, error } = services["service"] ?? {};
  assert.ok(status !== undefined);
  return { status, ...(error !== undefined && { error }) };
}

const unhealthy = (error: string) => ({ status: "unhealthy", error });

test("a service on a Unix socket is probed there, below its base path", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "health-"));
  const asked: (string | undefined)[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url);
    res.end();
  }).listen(join(folder, "app.sock"));
  t.after(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  await once(server, "listening");
  assert.equal((await statusOf(t, { url: `unix:${folder}/app.sock` })).status, "healthy");
  assert.equal((await statusOf(t, { url: `unix:${folder}/app.sock:/base`, path: "/status?deep=1" })).status, "healthy");
  assert.deepEqual(asked, ["/healthz", "/base/status?deep=1"]);
  assert.deepEqual(await statusOf(t, { url: `unix:${folder}/none.sock` }), unhealthy("no such socket"));
  await writeFile(join(folder, "file"), "");
  assert.deepEqual(await statusOf(t, { url: `unix:${folder}/file` }), unhealthy("connection refused"));
  assert.deepEqual(await statusOf(t, { url: `unix:${folder}/${"a".repeat(200)}` }), unhealthy("not a valid address"));
});

test("a service with a private authority that asks for a certificate is probed with what the options give", async (t) => {
  using certificates = makeCertificates();
  const { ca, server, client } = certificates;
  const service = createTlsServer(
    { cert: server.cert, key: server.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
    (_req, res) => res.end(),
  ).listen(0, "127.0.0.1");
  t.after(() => service.close());
  await once(service, "listening");
  const url = `https://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const tls = { ca: ca.cert, cert: client.cert, key: client.key };
  assert.equal((await statusOf(t, { url, tls })).status, "healthy");
  assert.equal((await statusOf(t, { url, tls: { ...tls, serverName: "backend.internal" } })).status, "healthy");
  const otherName = { ...tls, serverName: "other.internal" };
  assert.deepEqual(await statusOf(t, { url, tls: otherName }), unhealthy("certificate for another name"));
  assert.deepEqual(await statusOf(t, { url, tls: { ca: ca.cert } }), unhealthy("client certificate refused"));
  assert.deepEqual(await statusOf(t, { url, tls: { ...tls, key: server.key } }), unhealthy("own certificate or key not valid"));
  assert.deepEqual(await statusOf(t, { url }), unhealthy("certificate not trusted"));
});

test("settings of TLS that are none are refused", () => {
  const made = (tls: object) => healthCascade({ services: { a: { url: "https://a.example", tls } } });
  assert.throws(() => made({ cafile: "x" }), /`services\.a\.tls` must be an object of `ca`, `cert`, `key` and `serverName`/);
});

test("a service with several addresses has time for a slow connection to the first, also when the others refuse", async (t) => {
  await using listener = await busyListener();
  const lookup = dns.lookup.bind(dns) as (...args: unknown[]) => void;
  t.mock.method(dns, "lookup", (host: string, options: unknown, callback: (...args: unknown[]) => void) => {
    if (host !== "service.test") return lookup(host, options, callback);
    callback(null, [
      { address: "127.0.0.2", family: 4 },
      { address: "127.0.0.3", family: 4 },
    ]);
    setImmediate(() => listener.goOn());
  });
  assert.equal((await statusOf(t, { url: `http://service.test:${listener.port}` })).status, "healthy");
});
