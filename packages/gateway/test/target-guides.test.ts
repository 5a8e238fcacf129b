import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";

import { codeBlocks, makeCertificates, readFromRoot, startDownstream } from "@aivillage/testing";
import { WebSocketServer, WebSocket as Client } from "ws";

import { loadConfig } from "../src/index.ts";
import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const folder = "docs/guides/";

/** The configurations of a guide, with the addresses and files of a test instead of those that a reader has. */
function configurations(guide: string, replacements: Readonly<Record<string, string>> = {}): string[] {
  const blocks = codeBlocks(readFromRoot(folder + guide)).filter(({ language }) => language === "yaml");
  return blocks.map(({ code }) => Object.entries(replacements).reduce((text, [from, to]) => text.replaceAll(from, to), code));
}

const certificateFiles = ({ ca, client }: ReturnType<typeof makeCertificates>) => ({
  "/etc/gateway/tls/ca.pem": ca.certFile,
  "/etc/gateway/tls/client-key.pem": client.keyFile,
  "/etc/gateway/tls/client.pem": client.certFile,
});

for (const guide of ["websocket-service.md", "mtls-to-a-backend.md", "canary.md"]) {
  test(`the configurations of ${guide} are valid`, () => {
    assert.ok(readdirSync(new URL(`../../../${folder}`, import.meta.url)).includes(guide));
    using certificates = makeCertificates();
    const texts = configurations(guide, certificateFiles(certificates));
    assert.ok(texts.length > 0);
    const env = { TWIN_URL: "https://twin.internal" };
    for (const text of texts) loadConfig({ env: { ...env, CONFIG_FILE: configFile(text) } });
  });
}

test("the WebSocket of the guide needs its scope and passes messages", async (t) => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (client) => client.on("message", (data) => client.send(data)));
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const [text = ""] = configurations("websocket-service.md", {
    "http://live:8080": `http://127.0.0.1:${port}`,
    "    scopes: [live]\n": "",
  });
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile(text) });
  const client = new Client(`${gateway.url.replace("http", "ws")}/v1/live`, { headers: gateway.authorization });
  await once(client, "open");
  client.send("hello");
  const [message] = (await once(client, "message")) as [Buffer];
  assert.equal(message.toString(), "hello");
  client.terminate();
});

test("the mTLS of the guide presents the client certificate", async (t) => {
  using certificates = makeCertificates();
  const { ca, server } = certificates;
  const backend = createServer({ cert: server.cert, key: server.key, ca: ca.cert, requestCert: true }, (req, res) =>
    res.end((req.socket as TLSSocket).getPeerCertificate().subject.CN?.toString()),
  ).listen(0, "127.0.0.1");
  t.after(() => {
    backend.closeAllConnections();
    backend.close();
  });
  await once(backend, "listening");
  const { port } = backend.address() as AddressInfo;
  const [text = ""] = configurations("mtls-to-a-backend.md", {
    ...certificateFiles(certificates),
    "https://ledger.internal:8443": `https://127.0.0.1:${port}`,
    "serverName: ledger.internal": "serverName: backend.internal",
  });
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile(text) });
  const response = await fetch(`${gateway.url}/v1/ledger`, { headers: gateway.authorization });
  assert.equal(await response.text(), "client");
});

test("the canary of the guide gets a small share, and sessions stay on one version", async () => {
  await using old = await startDownstream({ body: "v1" });
  await using canary = await startDownstream({ body: "v2" });
  const addresses = { "http://search-v1:8080": old.url, "http://search-v2:8080": canary.url };
  const [shares = "", sessions = ""] = configurations("canary.md", addresses);
  await using first = await startTestGateway({ CONFIG_FILE: configFile(shares) });
  const ask = async (url: string, headers: Record<string, string>): Promise<string> =>
    (await fetch(`${url}/v1/search`, { headers })).text();
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 20 }, () => ask(first.url, first.authorization)));
  // 20 of 400 are expected; none or more than 60 are less likely than one in a hundred million.
  assert.ok(canary.received.length > 0 && canary.received.length < 60, `${canary.received.length}`);
  await using second = await startTestGateway({ CONFIG_FILE: configFile(sessions) });
  for (let session = 0; session < 20; session += 1) {
    const headers = { ...second.authorization, "x-session-id": `${session}` };
    const versions = await Promise.all(Array.from({ length: 5 }, () => ask(second.url, headers)));
    assert.equal(new Set(versions).size, 1);
  }
});
