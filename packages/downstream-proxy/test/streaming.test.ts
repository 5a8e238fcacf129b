// Needs its own process: measures the memory of the process.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { eventually, forEachHost, listen, startDownstream } from "@aivillage/testing";

import { downstreamProxy } from "../src/index.ts";
import { sendProblem, rawClient, rawServer, send, serveProxy } from "./support.ts";

forEachHost((host) => {
  test("server-sent events arrive one by one, byte for byte", async () => {
    await using target = await rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    });
    const proxy = downstreamProxy({ target: target.url });
    await using app = await host.serve([proxy], sendProblem);
    const client = await rawClient(app.port, "GET / HTTP/1.0\r\n\r\n");
    await eventually(() => client.text().includes("\r\n\r\n"), "the head arrives before the first event");
    let sent = "";
    for (const event of [": hello\n\n", "data: 1\r\n\r\n", "id: 2\ndata: \u00c3\u00a9\n\n"]) {
      target.sockets[0]?.write(event, "latin1");
      sent += event;
      await eventually(() => client.text().split("\r\n\r\n").slice(1).join("\r\n\r\n") === sent, `${JSON.stringify(event)} arrives`);
    }
    client.socket.destroy();
    await proxy.close();
  });
});

test("chunks arrive one by one", async () => {
  await using target = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  });
  await using app = await serveProxy({ target: target.url });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => client.text().includes("\r\n\r\n"), "the head arrives");
  for (const text of ["one", "two", "three"]) {
    target.sockets[0]?.write(`${text.length.toString(16)}\r\n${text}\r\n`);
    await eventually(() => client.text().includes(`\r\n${text}\r\n`), `${text} arrives`);
  }
  client.socket.destroy();
});

test("head and a short body leave in one packet", async () => {
  await using downstream = await startDownstream({ body: "short" });
  await using app = await serveProxy({ target: downstream.url });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const [packet] = (await once(client.socket, "data")) as [Buffer];
  assert.match(packet.toString(), /^HTTP\/1\.1 200 [^]*\r\n\r\nshort$/);
  client.socket.destroy();
});

test("back-pressure: 64 MiB for a reader that has stopped stay with the target, and arrive whole when it goes on", async () => {
  const size = 64 * 1_048_576;
  const piece = Buffer.alloc(1_048_576, 7);
  let written = 0;
  await using target = await rawServer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    const more = (): void => {
      while (written < size) {
        written += piece.length;
        if (!socket.write(piece)) return void socket.once("drain", more);
      }
    };
    more();
  });
  await using app = await serveProxy({ target: target.url });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  client.socket.removeAllListeners("data");
  client.socket.pause();
  const before = process.memoryUsage().rss;
  let last = -1;
  await eventually(() => written > 0, "the target begins");
  while (written !== last) {
    last = written;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  assert.ok(written < size, "the target has to wait");
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 48 * 1_048_576, `the process grew by ${grown} bytes`);

  let received = 0;
  client.socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  client.socket.resume();
  await eventually(() => received > size, "everything arrives");
  client.socket.destroy();
});

test("a client that refuses to read on is cut off after a while, and so is its upstream", async () => {
  await using target = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n");
    for (let piece = 0; piece < 64; piece += 1) socket.write(Buffer.alloc(1_048_576));
  });
  await using app = await serveProxy({ target: target.url, stallTimeoutMs: 150 });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  client.socket.pause();
  await eventually(() => target.sockets[0]?.destroyed === true, "the upstream connection is closed");
  client.socket.destroy();
});

test("a slow reader is not taken for a silent target", async () => {
  const size = 24_000_000;
  await using downstream = await startDownstream({ body: "x".repeat(size) });
  await using app = await serveProxy({ target: downstream.url, idleTimeoutMs: 1_500 });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  client.socket.removeAllListeners("data");
  let received = 0;
  client.socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  client.socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  client.socket.resume();
  await eventually(() => received > size, "everything arrives");
  client.socket.destroy();
});

test("an echo of a large upload comes back whole", async () => {
  await using target = await listen((req, res) => void req.pipe(res));
  await using app = await serveProxy({ target: target.url });
  const body = Buffer.alloc(5_000_000, "abc");
  const response = await send(app.url, { method: "POST", headers: { "Content-Length": body.length } }, body);
  assert.ok(response.complete);
  assert.equal(response.body, body.toString());
});
