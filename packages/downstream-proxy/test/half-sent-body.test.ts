import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";

import { eventually, rawRequest, startDownstream } from "@aivillage/testing";

import { rawClient, rawServer, serveProxy } from "./support.ts";

test("a response that comes before the whole request reaches the client, and the connection serves the next request", async () => {
  await using downstream = await startDownstream((request) =>
    request.method === "POST" ? { status: 413, ignoreBody: true, body: "too much" } : { body: "next" },
  );
  await using app = await serveProxy({ target: downstream.url });
  const client = await rawClient(app.port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${"x".repeat(100_000)}`);
  await eventually(() => client.text().endsWith("too much"), "the early answer arrives");
  assert.match(client.text(), /^HTTP\/1\.1 413 /);
  client.socket.write(`${"x".repeat(200_000)}GET / HTTP/1.1\r\nHost: a\r\n\r\n`);
  await eventually(() => client.text().endsWith("next"), "the second answer arrives");
  client.socket.destroy();
});

test("a client that goes on sending long after its response is cut off", async () => {
  await using downstream = await startDownstream({ status: 413, ignoreBody: true, body: "too much" });
  await using app = await serveProxy({ target: downstream.url });
  const client = await rawClient(app.port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99000000\r\n\r\nx");
  await eventually(() => client.text().endsWith("too much"), "the early answer arrives");
  client.socket.write(Buffer.alloc(4_000_000));
  await eventually(() => client.socket.destroyed, "the connection is closed");
});

test("after a failed upload the client can read its response and use the connection again", async () => {
  await using broken = await rawServer((socket) => void socket.resetAndDestroy());
  await using app = await serveProxy({ target: broken.url });
  const request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n";
  const responses = await rawRequest(app.port, `${request}${"x".repeat(50_000)}${request}${"y".repeat(50_000)}`);
  assert.equal(responses.match(/HTTP\/1\.1 502 /g)?.length, 2);
});

test("back-pressure: an upload is not read faster than the target takes it", async () => {
  await using target = await rawServer((socket) => void socket.pause());
  await using app = await serveProxy({ target: target.url });
  const accepted: Socket[] = [];
  app.server.on("connection", (socket) => accepted.push(socket));
  const size = 64 * 1_048_576;
  const client = await rawClient(app.port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  client.socket.write(Buffer.alloc(size));
  const taken = (): number => accepted[0]?.bytesRead ?? 0;
  let last = -1;
  while (taken() <= 65_536 || taken() !== last) {
    last = taken();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(last > 65_536 && last < size / 2, `${last} bytes were taken from the client`);
  client.socket.destroy();
});
