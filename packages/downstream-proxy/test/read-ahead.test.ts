import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { deadUrl, eventually, startDownstream } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, rawClient, rawServer, send, serveProxy } from "./support.ts";

/** More than a stream holds that nobody reads, less than is read ahead. */
const unread = Buffer.alloc(180_000, "x");
const upload = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n`;

test("a client that leaves with its upload unread frees its place in the queue at once", async () => {
  await using downstream = await startDownstream({ hang: true });
  await using app = await serveProxy({ target: downstream.url, connections: 1, connectTimeoutMs: 600_000 });
  using attempts = collect(downstreamAttempted);
  const first = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => downstream.received.length === 1, "the connection is taken");
  const second = await rawClient(app.port, upload);
  second.socket.write(unread);
  await eventually(() => app.proxy.state()[0]?.replicas[0]?.requests === 2, "the upload waits");
  await eventually(() => (app.sockets[1]?.bytesRead ?? 0) > unread.length, "it is read ahead");
  second.socket.destroy();
  await eventually(() => attempts[0]?.outcome === "cancelled", "the upload is given up");
  assert.equal(app.proxy.state()[0]?.replicas[0]?.requests, 1);
  first.socket.destroy();
});

test("a client that leaves with its upload unread cuts the connection that is being made", async () => {
  await using target = await rawServer();
  await using app = await serveProxy({ target: target.url.replace("http:", "https:"), connectTimeoutMs: 600_000 });
  const client = await rawClient(app.port, upload);
  client.socket.write(unread);
  await eventually(() => target.sockets.length === 1, "the connection is being made");
  await eventually(() => (app.sockets[0]?.bytesRead ?? 0) > unread.length, "it is read ahead");
  client.socket.destroy();
  await eventually(() => target.sockets[0]?.destroyed === true, "the connection is given up");
});

test("a client that leaves while the target takes nothing cuts the upstream connection", async () => {
  await using target = await rawServer((socket) => void socket.pause());
  await using app = await serveProxy({ target: target.url });
  using attempts = collect(downstreamAttempted);
  const client = await rawClient(app.port, upload);
  client.socket.write(unread);
  await eventually(() => (app.sockets[0]?.bytesRead ?? 0) > unread.length, "it is read");
  client.socket.destroy();
  await eventually(() => attempts[0]?.outcome === "cancelled", "the attempt is given up");
});

test("what is read ahead is bounded", async () => {
  await using downstream = await startDownstream({ hang: true });
  await using app = await serveProxy({ target: downstream.url, connections: 1, connectTimeoutMs: 600_000 });
  const first = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => downstream.received.length === 1, "the connection is taken");
  const second = await rawClient(app.port, upload);
  second.socket.write(Buffer.alloc(9_000_000));
  const taken = (): number => app.sockets[1]?.bytesRead ?? 0;
  for (let last = -1; taken() !== last || last <= 196_608; await delay(100)) last = taken();
  assert.ok(taken() > 196_608 && taken() < 1_000_000, `${taken()} bytes were read`);
  first.socket.destroy();
  second.socket.destroy();
  await Promise.all([once(second.socket, "close"), app.proxy.close({ deadlineMs: 100 })]);
});

test("what was read ahead arrives whole: after a wait, and at the fallback of a target that could not be reached", async () => {
  const body = Buffer.from(Array.from({ length: 500_000 }, (_none, index) => index % 251));
  await using downstream = await startDownstream((request) => (request.method === "GET" ? { delayMs: 150 } : {}));
  const targets = [
    { name: "dead", url: await deadUrl() },
    { name: "sound", url: downstream.url },
  ];
  await using app = await serveProxy({ targets, connections: 1, replayBodyBytes: 10 });
  const responses = await Promise.all([send(app.url), send(app.url, { method: "POST" }, body), send(app.url, { method: "POST" }, body)]);
  assert.deepEqual(
    responses.map(({ status }) => status),
    [200, 200, 200],
  );
  const posted = downstream.received.filter(({ method }) => method === "POST");
  assert.ok(posted.length === 2 && posted.every((request) => request.body.equals(body)));
});
