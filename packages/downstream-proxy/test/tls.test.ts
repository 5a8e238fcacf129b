import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createPlainServer, type Server } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";

import { makeCertificates } from "@aivillage/testing";

import { downstreamAttempted, downstreamProxy, type TlsOptions } from "../src/index.ts";
import { collect, send, serveProxy } from "./support.ts";

async function httpsService(t: TestContext, options: ServerOptions): Promise<string> {
  const server = createServer(options, (req, res) => {
    const socket = req.socket as TLSSocket & { servername?: string | false };
    res.end(`${socket.servername || "no name"}, ${socket.getPeerCertificate().subject?.CN?.toString() ?? "no certificate"}`);
  }).listen(0, "127.0.0.1");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ask(url: string, tls?: TlsOptions) {
  await using app = await serveProxy({ targets: [{ name: "inner", url, ...(tls && { tls }) }], retries: false });
  const { status, body } = await send(app.url);
  return `${status} ${body}`;
}

test("a target with a private authority is reached with `ca`, under the name of `serverName`", async (t) => {
  using certificates = makeCertificates();
  const { ca, server } = certificates;
  const url = await httpsService(t, server);
  assert.match(await ask(url), /^502 .*could not be reached/);
  assert.equal(await ask(url, { ca: ca.cert }), "200 no name, no certificate");
  assert.equal(await ask(url, { ca: [ca.cert], serverName: "backend.internal" }), "200 backend.internal, no certificate");
  assert.match(await ask(url, { ca: ca.cert, serverName: "other.internal" }), /^502 /);
});

test("the event of an attempt says why it failed, by the code of the error or in a sentence", async (t) => {
  using certificates = makeCertificates();
  const { ca, server } = certificates;
  const url = await httpsService(t, server);
  const huge = createPlainServer((_req, res) => void res.writeHead(200, { "X-Huge": "a".repeat(64 * 1024) }).end()).listen(0, "127.0.0.1");
  t.after(() => huge.close());
  await once(huge, "listening");
  const silent = createPlainServer(() => undefined).listen(0, "127.0.0.1");
  t.after(() => {
    silent.closeAllConnections();
    silent.close();
  });
  await once(silent, "listening");
  const urlOf = (plain: Server): string => `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  using attempts = collect(downstreamAttempted);
  await ask(url);
  await ask(url, { ca: ca.cert, serverName: "other.internal" });
  await ask("http://nosuch.invalid");
  await ask(urlOf(huge));
  await using app = await serveProxy({ targets: [{ name: "inner", url: urlOf(silent) }], headersTimeoutMs: 50, retries: false });
  await send(app.url);
  const reasons = attempts.map(({ outcome, reason }) => `${outcome} ${reason}`);
  assert.match(reasons[0] ?? "", /^connect_error (?:SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/);
  assert.equal(reasons[1], "connect_error ERR_TLS_CERT_ALTNAME_INVALID");
  assert.match(reasons[2] ?? "", /^connect_error (?:ENOTFOUND|EAI_AGAIN)$/);
  assert.equal(reasons[3], "reset UND_ERR_HEADERS_OVERFLOW");
  assert.equal(reasons[4], "timeout The upstream service did not begin to respond within 50 ms.");
});

test("a target that demands a client certificate gets one", async (t) => {
  using certificates = makeCertificates();
  const { ca, server, client } = certificates;
  const url = await httpsService(t, { ...server, ca: ca.cert, requestCert: true });
  assert.match(await ask(url, { ca: ca.cert }), /^502 /);
  assert.equal(await ask(url, { ca: ca.cert, cert: client.cert, key: client.key }), "200 no name, client");
});

test("unusable TLS options are refused at the start, without showing the key", () => {
  using certificates = makeCertificates();
  const { client, server } = certificates;
  const make = (tls: object) => () => downstreamProxy({ targets: [{ name: "inner", url: "https://a.example", tls }] });
  assert.throws(make({ cert: client.cert }), /`targets\[0\]\.tls`: `cert` and `key` belong together/);
  assert.throws(
    make({ cert: client.cert, key: server.key }),
    (error: Error) => /OpenSSL/.test(error.message) && !error.message.includes("BEGIN"),
  );
  assert.throws(make({ ca: "no certificate" }), /OpenSSL cannot use it/);
  assert.throws(make({ cs: "x" }), /unknown option `targets\[0\]\.tls\.cs`/);
});
