import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { eventually, rawRequest } from "@aivillage/testing";
import { type WebSocket, WebSocketServer, WebSocket as Client } from "ws";

import { configFile } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

/** A service of the package `ws` that sends every message back. */
async function echoService(t: { after(end: () => void): void }) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  const clients: WebSocket[] = [];
  server.on("connection", (client) => {
    clients.push(client);
    client.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
  });
  t.after(() => {
    for (const client of clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { clients, url: `http://127.0.0.1:${address.port}` };
}

const handshake = (path: string, fields = "") =>
  `GET ${path} HTTP/1.1\r\nHost: gateway.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${fields}\r\n`;

test("a WebSocket of a route needs its key, is counted while it is open, and is logged when it ends", async (t) => {
  const service = await echoService(t);
  const routes = [{ path: "/v1/live", upstream: [service.url], websocket: { idleSeconds: 60 } }];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  const refused = await rawRequest(gateway.port, handshake("/v1/live"));
  assert.match(refused, /^HTTP\/1\.1 401 [^]*x-frame-options: DENY[^]*www-authenticate: Bearer/i);
  const client = new Client(`${gateway.url.replace("http", "ws")}/v1/live`, { headers: gateway.authorization });
  await once(client, "open");
  client.send("hello");
  const [message] = (await once(client, "message")) as [Buffer];
  assert.equal(message.toString(), "hello");
  assert.match(await gateway.gateway.registry.metrics(), /gateway_websocket_connections\{service="v1\.live"\} 1/);
  client.close(4_001, "done");
  const [code, reason] = (await once(client, "close")) as [number, Buffer];
  assert.deepEqual([code, reason.toString()], [4_001, "done"]);
  const line = () => gateway.log.find(({ status, path }) => status === 101 && path === "/v1/live");
  await eventually(() => line() !== undefined, "the access line is written");
  const metrics = await gateway.gateway.registry.metrics();
  assert.match(metrics, /gateway_websocket_connections\{service="v1\.live"\} 0/);
  assert.match(metrics, /gateway_downstream_requests_total\{service="v1\.live",outcome="success"\} 1/);
});

test("a WebSocket that the gateway closes after idleSeconds is no failure of its service", async (t) => {
  const service = await echoService(t);
  const routes = [{ path: "/v1/live", upstream: [service.url], public: true, websocket: { idleSeconds: 1 } }];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  const client = new Client(`${gateway.url.replace("http", "ws")}/v1/live`);
  await once(client, "open");
  await once(client, "close");
  const line = () => gateway.log.find(({ status, path }) => status === 101 && path === "/v1/live");
  await eventually(() => line() !== undefined, "the access line is written");
  const metrics = await gateway.gateway.registry.metrics();
  assert.match(metrics, /gateway_downstream_requests_total\{service="v1\.live",outcome="cancelled"\} 1/);
  assert.deepEqual(
    gateway.log.filter(({ msg }) => msg === "service failed"),
    [],
  );
});

test("pages of other origins open no WebSocket unless CORS allows them", async (t) => {
  const service = await echoService(t);
  const routes = [{ path: "/open", upstream: [service.url], public: true }];
  await using gateway = await startTestGateway({ CORS_ORIGINS: "https://app.example", CONFIG_FILE: configFile({ routes }) });
  const status = async (origin: string) => {
    const client = new Client(`${gateway.url.replace("http", "ws")}/open`, { headers: origin === "" ? {} : { origin } });
    const outcome = await Promise.race([
      once(client, "open").then(() => 101),
      once(client, "unexpected-response").then(([, response]) => (response as { statusCode: number }).statusCode),
    ]);
    client.on("error", () => undefined).terminate();
    return outcome;
  };
  assert.equal(await status(""), 101);
  assert.equal(await status("https://app.example"), 101);
  assert.equal(await status(gateway.url), 101);
  assert.equal(await status("https://evil.example"), 403);
});

test("a route can take no WebSockets, and other paths respond as if nothing had been offered", async (t) => {
  const service = await echoService(t);
  const routes = [{ path: "/closed", upstream: [service.url], public: true, websocket: false }];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  assert.match(await rawRequest(gateway.port, handshake("/closed")), /^HTTP\/1\.1 501 /);
  assert.match(await rawRequest(gateway.port, handshake("/livez")), /^HTTP\/1\.1 200 /);
  const h2c = handshake("/livez").replace("Upgrade: websocket", "Upgrade: h2c");
  assert.match(await rawRequest(gateway.port, h2c), /^HTTP\/1\.1 200 /);
  assert.match(await rawRequest(gateway.port, h2c.replace("GET", "POST")), /^HTTP\/1\.1 405 /);
});

test("a route to models takes no WebSockets, whose calls nobody would meter, unless it names them", async (t) => {
  const service = await echoService(t);
  const route = { upstream: [service.url], public: true, methods: ["GET", "POST"], ai: "openai-responses" };
  const routes = [
    { path: "/metered", ...route },
    { path: "/named", ...route, websocket: {} },
  ];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  assert.match(await rawRequest(gateway.port, handshake("/metered")), /^HTTP\/1\.1 501 /);
  const client = new Client(`${gateway.url.replace("http", "ws")}/named`);
  await once(client, "open");
  client.terminate();
});

test("an open WebSocket survives a reload and ends when the gateway stops", async (t) => {
  const service = await echoService(t);
  const routes = [{ path: "/live", upstream: [service.url], public: true }];
  await using gateway = await startTestGateway({ CONFIG_FILE: configFile({ routes }) });
  const client = new Client(`${gateway.url.replace("http", "ws")}/live`);
  await once(client, "open");
  gateway.gateway.reload({ ...gateway.gateway.config, routes: [] });
  client.send("still here");
  const [message] = (await once(client, "message")) as [Buffer];
  assert.equal(message.toString(), "still here");
  const closed = once(client, "close");
  await gateway.close();
  await closed;
});
