import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import { eventually, rawRequest } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, rawClient, rawServer } from "./support.ts";
import { ask, raw101, serveUpgrades } from "./upgrade-requests.ts";
import { webSocketServer } from "./web-socket-server.ts";

test("a WebSocket client talks with the target: text, large binary messages, subprotocol, close", async () => {
  await using target = await webSocketServer();
  await using app = await serveUpgrades({ target: target.url });
  using attempts = collect(downstreamAttempted);
  const client = new WebSocket(`${app.url.replace("http", "ws")}/v1/live?a=1`, ["chat", "other"]);
  client.binaryType = "arraybuffer";
  await once(client, "open");
  assert.equal(client.protocol, "chat");
  const received: unknown[] = [];
  client.addEventListener("message", ({ data }) => received.push(data));
  client.send("h\u00e9llo");
  const large = Buffer.alloc(1_000_000, "abc");
  client.send(large);
  await eventually(() => received.length === 2, "both come back");
  assert.equal(received[0], "h\u00e9llo");
  assert.ok(Buffer.from(received[1] as ArrayBuffer).equals(large));
  client.close(1000, "done");
  const [closed] = (await once(client, "close")) as [CloseEvent];
  assert.equal(closed.code, 1000);
  assert.equal(closed.wasClean, true);
  await eventually(() => attempts.length === 1, "the attempt is told");
  assert.equal(attempts[0]?.status, 101);
  assert.equal(attempts[0]?.outcome, "success");
  assert.ok((attempts[0]?.bytes ?? 0) > 1_000_000 && (attempts[0]?.bytesSent ?? 0) > 1_000_000);
  assert.equal(target.requests[0]?.url, "/v1/live?a=1");
});

test("the rules for fields are those of other requests, in both directions", async () => {
  await using target = await webSocketServer();
  await using app = await serveUpgrades({ target: target.url, headers: () => ({ "X-User": "7" }) });
  const fields =
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-User: 1\r\nX-Forwarded-For: 6.6.6.6\r\nCookie: a=1\r\n";
  const response = await rawRequest(app.port, ask(fields));
  assert.match(response, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  assert.match(response, /\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i);
  assert.match(response, /\r\nVia: 1\.1 aivillage\r\n/);
  assert.doesNotMatch(response, /x-powered-by/i);
  const headers = target.requests[0]?.headers;
  assert.equal(headers?.["x-user"], "7");
  assert.equal(headers?.["x-forwarded-for"], "127.0.0.1");
  assert.equal(headers?.["x-forwarded-host"], "a.example");
  assert.equal(headers?.cookie, undefined);
  assert.match(headers?.via ?? "", /^1\.1 aivillage-[\da-f]{8}$/);
  assert.equal(headers?.host, new URL(target.url).host);
});

test("bytes that the client sends behind its request reach the target once the protocol has changed", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url });
  const client = await rawClient(app.port, `${ask()}early `);
  client.socket.write("bytes");
  await eventually(() => target.text().endsWith("early bytes"), "they arrive");
  target.sockets[0]?.write("and back");
  await eventually(() => client.text().endsWith("\r\n\r\nand back"), "and come back");
  client.socket.destroy();
});

test("when one side leaves, the other is cut", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url });
  using attempts = collect(downstreamAttempted);
  for (const leaves of ["client", "target", "client reset", "target reset"]) {
    const client = await rawClient(app.port, ask());
    await eventually(() => client.text().includes(" 101 "), "the protocol changes");
    const upstream = target.sockets.at(-1);
    const leaving = leaves.startsWith("client") ? client.socket : upstream;
    if (leaves.endsWith("reset")) leaving?.resetAndDestroy();
    else leaving?.destroy();
    await eventually(() => client.socket.destroyed && upstream?.destroyed === true, `${leaves}: both are closed`);
  }
  await eventually(() => attempts.length === 4, "every attempt is reported");
  assert.equal(attempts[2]?.outcome, "cancelled", "the client left");
  assert.equal(attempts[3]?.outcome, "reset", "the target broke off");
});

test("a client that leaves before the protocol has changed takes the request with it", async () => {
  await using target = await rawServer();
  await using app = await serveUpgrades({ target: target.url });
  using attempts = collect(downstreamAttempted);
  const client = await rawClient(app.port, ask());
  await eventually(() => target.text().includes("upgrade: websocket"), "the request arrives");
  client.socket.destroy();
  await eventually(() => target.sockets[0]?.destroyed === true, "the target sees it");
  assert.equal(attempts[0]?.outcome, "cancelled");
});

test("a connection on which nothing is said is closed after upgradeIdleTimeoutMs, one that is used is not", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url, upgradeIdleTimeoutMs: 2_000 });
  using attempts = collect(downstreamAttempted);
  const client = await rawClient(app.port, ask());
  for (let round = 0; round < 6; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    if (round % 2 === 0) client.socket.write("x");
    else target.sockets[0]?.write("x");
  }
  assert.equal(client.socket.destroyed, false);
  await eventually(() => client.socket.destroyed && target.sockets[0]?.destroyed === true, "both are closed");
  await eventually(() => attempts.length === 1, "the attempt is reported");
  assert.equal(attempts[0]?.outcome, "cancelled", "the limit is the proxy's, so the target has not failed");
});

test("other protocols can be let through", async () => {
  await using target = await rawServer(
    (socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: mqtt\r\n\r\nhi"),
  );
  await using app = await serveUpgrades({ target: target.url, upgrades: ["MQTT"] });
  assert.match(await rawRequest(app.port, ask().replace("websocket", "mqtt")), /^HTTP\/1\.1 101 [^]*Upgrade: mqtt\r\n[^]*\r\n\r\nhi$/);
});

test("close waits for upgraded connections and cuts them at its deadline", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url });
  using attempts = collect(downstreamAttempted);
  const client = await rawClient(app.port, ask());
  await eventually(() => client.text().includes(" 101 "), "the protocol changes");
  const startedAt = performance.now();
  await app.proxy.close({ deadlineMs: 150 });
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs >= 140, `${tookMs} ms`);
  await eventually(() => client.socket.destroyed && target.sockets[0]?.destroyed === true, "both are closed");
  assert.equal(attempts[0]?.outcome, "cancelled");
  assert.match(await rawRequest(app.port, ask()), /^HTTP\/1\.1 503 /);
});

test("a target that closes while its client is still sending frees the connection at once", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url });
  using attempts = collect(downstreamAttempted);
  const client = connect({ port: app.port, host: "127.0.0.1", allowHalfOpen: true });
  client.on("error", () => undefined).write(ask());
  const received = text(client);
  await eventually(() => target.text() !== "", "the request arrives");
  await eventually(() => app.proxy.state()[0]?.replicas[0]?.requests === 1, "it is in progress");
  target.sockets[0]?.end("last words");
  assert.match(await received, / 101 [^]*last words$/);
  client.end("what the target does not hear");
  await eventually(() => attempts.length === 1, "the attempt is reported");
  assert.equal(attempts[0]?.outcome, "success");
  assert.equal(app.proxy.state()[0]?.replicas[0]?.requests, 0);
  client.destroy();
});
