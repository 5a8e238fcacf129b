import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { waitUntil } from "@aivillage/testing";

import { apiKey } from "../bench/support/gateway-process.ts";
import { openConnections } from "../bench/support/open-connections.ts";
import { openSlowConnections, slowReaders, slowSenders } from "../bench/support/slow-connections.ts";
import { startLoad } from "../bench/support/steady-load.ts";
import { makeServer } from "../src/serve/make-server.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const times = {
  headMs: 300,
  requestMs: 10_000,
  keepAliveMs: 3_000,
  checkMs: 50,
  intervalMs: 50,
  bodyWindowMs: 400,
  bodyWindowBytes: 10_240,
  stalledWriteMs: 250,
  slowWriteMs: 600,
  waitingBytesPerMs: 1_000,
};

/** A server with short times in front of a handler. */
async function serve(handler: RequestListener) {
  const server = makeServer(handler, 1_000, times);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    server,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Sends the text, then collects what comes until the connection ends. */
function open(port: number, text: string): { socket: Socket; received: () => string; closed: Promise<unknown> } {
  let received = "";
  const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(text));
  socket.on("data", (chunk: Buffer) => (received += chunk.toString())).on("error", () => undefined);
  return { socket, received: () => received, closed: once(socket, "close") };
}

const collect: RequestListener = (req, res) => {
  let bytes = 0;
  req.on("data", (chunk: Buffer) => (bytes += chunk.length));
  req.on("end", () => res.end(String(bytes)));
};
const answerLarge: RequestListener = (_req, res) => void res.end(Buffer.alloc(16 * 1_048_576));

describe("a client that sends slowly", { concurrency: true }, () => {
  test("its head is answered 408 and the connection closed, even if the client never closes its side", async () => {
    await using server = await serve(collect);
    const client = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    client.write("GET / HTTP/1.1\r\nHost: a\r\n");
    let received = "";
    client.on("data", (chunk: Buffer) => (received += chunk.toString())).on("error", () => undefined);
    await waitUntil(() => received.includes("408"), "the answer", 3_000);
    assert.match(received, /^HTTP\/1\.1 408 Request Timeout\r\n.*application\/problem\+json/s);
    await waitUntil(() => openConnections(server.port) === 0, "no connection is left", 5_000);
    client.destroy();
  });

  test("its body is answered 408 while nothing has been answered yet, else cut", async () => {
    await using server = await serve((req, res) => (req.url === "/answered" ? void res.end("done") : collect(req, res)));
    const head = "Host: a\r\nContent-Length: 20000\r\n\r\n";
    const unanswered = open(server.port, `POST / HTTP/1.1\r\n${head}`);
    const answered = open(server.port, `GET /answered HTTP/1.1\r\n${head}`);
    await Promise.all([unanswered.closed, answered.closed]);
    assert.match(unanswered.received(), /^HTTP\/1\.1 408 /);
    assert.match(answered.received(), /^HTTP\/1\.1 200 OK\r\n(?!.*HTTP\/1\.1)/s);
  });

  test("a body that comes fast enough may take long", async () => {
    await using server = await serve(collect);
    const client = open(server.port, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 120000\r\n\r\n");
    for (let piece = 0; piece < 10; piece += 1) {
      await delay(120);
      client.socket.write("x".repeat(12_000));
    }
    await client.closed;
    assert.match(client.received(), /120000$/);
  });

  test("a body that nobody reads is not the client's fault", async () => {
    await using server = await serve((req, res) => void setTimeout(() => collect(req, res), 1_500));
    const client = open(
      server.port,
      `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n${"x".repeat(300_000)}`,
    );
    await client.closed;
    assert.match(client.received(), /300000$/);
  });
});

describe("a client that reads slowly", { concurrency: true }, () => {
  for (const kind of slowReaders) {
    test(`one that ${kind.name} is cut off`, async () => {
      await using server = await serve(answerLarge);
      const end = openSlowConnections(server.port, kind, 3);
      await waitUntil(() => openConnections(server.port) === 3, "they are connected");
      await waitUntil(() => openConnections(server.port) === 0, "none is left", 10_000);
      end();
    });
  }

  test("one that reads at a fair pace gets all of it", async () => {
    await using server = await serve((_req, res) => {
      const piece = Buffer.alloc(65_536);
      let left = 64;
      const more = (): void => {
        while (left > 0) {
          left -= 1;
          if (!res.write(piece)) return void res.once("drain", more);
        }
        res.end();
      };
      more();
    });
    const socket = connect({ port: server.port, host: "127.0.0.1" }, () =>
      socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    );
    let bytes = 0;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await delay(10);
    }
    assert.ok(bytes > 64 * 65_536, `${bytes} bytes came`);
  });
});

describe("a silent connection", () => {
  test("an answer that takes long to be made may take it, and a kept connection waits for its next request", async () => {
    await using server = await serve((_req, res) => void setTimeout(() => res.end("late"), 1_000));
    const client = open(server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await waitUntil(() => client.received().endsWith("late"), "the first answer", 3_000);
    await delay(700);
    client.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await waitUntil(() => client.received().split("late").length === 3, "the second answer", 3_000);
    client.socket.destroy();
  });
});

test("with 40 slow connections of every kind normal requests are answered, and quickly", async () => {
  await using gateway = await startTestGateway({ API_KEY: apiKey, RATE_LIMIT_REQUESTS: "100000" });
  const ends = slowSenders.map((kind) => openSlowConnections(gateway.port, kind, 40));
  await waitUntil(() => openConnections(gateway.port) >= 100, "they are connected", 5_000);
  const load = startLoad({ target: () => gateway.url, connections: 10, perSecond: 100 });
  await delay(1_000);
  const { answered, failures, p99Ms } = await load.stop();
  for (const end of ends) end();
  assert.deepEqual(failures, []);
  assert.ok(answered > 20 && p99Ms < 5_000, `${answered} answered, p99 ${p99Ms} ms`);
});
