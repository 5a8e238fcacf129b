import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import type { HttpServerOptions } from "@aivillage/http-server";
import { eventually, openConnections } from "@aivillage/testing";

import { open, serve as serveWith } from "./support.ts";

const times = {
  headTimeoutMs: 300,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 3_000,
  checkIntervalMs: 50,
  bodyWindowMs: 400,
  stalledResponseMs: 250,
  slowResponseMs: 600,
  responseBytesPerSecond: 1_000_000,
} satisfies HttpServerOptions;

/** A server with short times in front of a handler. */
const serve = (t: TestContext, handler: RequestListener, options: HttpServerOptions = {}) =>
  serveWith(t, handler, { ...times, ...options });

const collect: RequestListener = (req, res) => {
  let bytes = 0;
  req.on("data", (chunk: Buffer) => (bytes += chunk.length));
  req.on("end", () => res.end(String(bytes)));
};
const sendLarge: RequestListener = (_req, res) => void res.end(Buffer.alloc(16 * 1_048_576));

/** Asks for a response and reads so much of it each second. */
function readSlowly(t: TestContext, port: number, bytesPerSecond: number): void {
  const socket: Socket = connect({ port, host: "127.0.0.1" }, () => socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  const timer = setInterval(() => bytesPerSecond > 0 && socket.read(bytesPerSecond), 1_000);
  socket.on("error", () => undefined).on("close", () => clearInterval(timer));
  t.after(() => socket.destroy());
}

describe("a client that sends slowly", { concurrency: true }, () => {
  test("gets 408 for its head and is disconnected, even if it never closes its side", async (t) => {
    const server = await serve(t, collect);
    const client = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    client.write("GET / HTTP/1.1\r\nHost: a\r\n");
    t.after(() => client.destroy());
    let received = "";
    client.on("data", (chunk: Buffer) => (received += chunk.toString())).on("error", () => undefined);
    await eventually(() => received.includes("408"), "the answer");
    assert.match(received, /^HTTP\/1\.1 408 Request Timeout\r\n.*application\/problem\+json/s);
    await eventually(() => openConnections(server.port) === 0, "no connection is left");
    assert.deepEqual(server.dropped, ["slow-request"]);
  });

  test("gets 408 for its body while no response has begun, else its connection is cut", async (t) => {
    const server = await serve(t, (req, res) => (req.url === "/answered" ? void res.end("done") : collect(req, res)));
    const head = "Host: a\r\nContent-Length: 20000\r\n\r\n";
    const withoutResponse = open(t, server.port, `POST / HTTP/1.1\r\n${head}`);
    const responded = open(t, server.port, `GET /answered HTTP/1.1\r\n${head}`);
    await Promise.all([withoutResponse.closed, responded.closed]);
    assert.match(withoutResponse.received(), /^HTTP\/1\.1 408 /);
    assert.match(responded.received(), /^HTTP\/1\.1 200 OK\r\n(?!.*HTTP\/1\.1)/s);
  });

  test("may take long for a body that comes fast enough", async (t) => {
    let [now, bytes] = [1, 0];
    const count: RequestListener = (req, res) => {
      req.on("data", (chunk: Buffer) => (bytes += chunk.length)).on("end", () => res.end(String(bytes)));
    };
    const server = await serve(t, count, { now: () => now });
    const client = open(t, server.port, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 120000\r\n\r\n");
    await once(client.socket, "connect");
    for (let piece = 1; piece <= 10; piece += 1) {
      client.socket.write("x".repeat(12_000));
      await eventually(() => bytes === piece * 12_000, "the piece has arrived");
      now += 300;
    }
    await client.closed;
    assert.match(client.received(), /120000$/);
  });

  test("is not blamed for a body that nobody reads", async (t) => {
    const server = await serve(t, (req, res) => void setTimeout(() => collect(req, res), 1_500));
    const client = open(
      t,
      server.port,
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n${"x".repeat(300_000)}`,
    );
    await client.closed;
    assert.match(client.received(), /300000$/);
  });
});

describe("a request with a body after a response that takes long", { concurrency: true }, () => {
  const begun = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n";
  const serveSlowly = (t: TestContext, others: HttpServerOptions) =>
    serve(t, (req, res) => (req.url === "/slow" ? void setTimeout(() => res.end("slow"), 1_500) : collect(req, res)), others);

  for (const [limit, others] of Object.entries({
    "pace of bodies": {},
    "time for a request": { bodyWindowMs: 60_000, requestTimeoutMs: 400 },
  })) {
    test(`is not too slow for the ${limit} while it waits`, async (t) => {
      const server = await serveSlowly(t, others);
      const client = open(t, server.port, begun);
      await eventually(() => client.received().endsWith("slow"), "the response before it", { state: client.received });
      client.socket.write("x".repeat(20_000));
      await eventually(() => client.received().endsWith("20000"), "its own response", { state: client.received });
      client.socket.destroy();
    });
  }

  test("is judged from its turn on", async (t) => {
    const server = await serveSlowly(t, {});
    const client = open(t, server.port, begun);
    await client.closed;
    assert.match(client.received(), /slow[^]*HTTP\/1\.1 408 /);
  });
});

describe("a client that reads slowly", { concurrency: true }, () => {
  for (const [name, bytesPerSecond] of [
    ["reads nothing", 0],
    ["reads 1 KiB a second", 1_024],
  ] as const) {
    test(`one that ${name} is cut off`, async (t) => {
      // On a busy machine a request may take longer to arrive than a slow head may.
      const server = await serve(t, sendLarge, { headTimeoutMs: 60_000, requestTimeoutMs: 60_000 });
      let connected = 0;
      server.server.on("connection", () => (connected += 1));
      for (let count = 0; count < 3; count += 1) readSlowly(t, server.port, bytesPerSecond);
      await eventually(() => connected === 3, "they are connected");
      await eventually(() => openConnections(server.port) === 0, "none is left");
      assert.deepEqual(server.dropped, Array(3).fill("slow-response"));
    });
  }

  test("one that reads at a fair pace gets all of it", async (t) => {
    let now = 1;
    const respond: RequestListener = (_req, res) => {
      const piece = Buffer.alloc(65_536);
      let left = 256;
      const more = (): void => {
        while (left > 0) {
          left -= 1;
          if (!res.write(piece)) return void res.once("drain", more);
        }
        res.end();
      };
      more();
    };
    const server = await serve(t, respond, { now: () => now, stalledResponseMs: 60_000 });
    const socket = connect({ port: server.port, host: "127.0.0.1" }, () =>
      socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    );
    let bytes = 0;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      now += 10;
    }
    assert.ok(bytes > 256 * 65_536, `${bytes} bytes came`);
  });
});

describe("a silent connection", () => {
  test("stays open while a response is prepared, and between two requests", async (t) => {
    const server = await serve(t, (_req, res) => void setTimeout(() => res.end("late"), 1_000), { keepAliveTimeoutMs: 60_000 });
    const client = open(t, server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await eventually(() => client.received().endsWith("late"), "the first answer");
    await delay(700);
    client.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await eventually(() => client.received().split("late").length === 3, "the second answer");
    client.socket.destroy();
  });
});

test("an idle connection is closed also if the time between requests is that of a stalled response", async (t) => {
  const keepAliveTimeoutMs = 100;
  // Node adds a buffer to the first, if it has that option.
  const { keepAliveTimeoutBuffer = 0 } = createServer() as { keepAliveTimeoutBuffer?: number };
  const server = await serve(t, collect, { keepAliveTimeoutMs, stalledResponseMs: keepAliveTimeoutMs + keepAliveTimeoutBuffer });
  const client = open(t, server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await client.closed;
  assert.match(client.received(), /^HTTP\/1\.1 200 /);
  assert.deepEqual(server.dropped, []);
});
