import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { eventually } from "@aivillage/testing";

import { apiKey } from "../../gateway/bench/support/gateway-process.ts";
import { openConnections } from "../../testing/src/open-connections.ts";
import { openSlowConnections, slowReaders, slowSenders } from "../../gateway/bench/support/slow-connections.ts";
import { startLoad } from "../../gateway/bench/support/steady-load.ts";
import type { ClientTimes } from "../src/options.ts";
import { makeServer } from "../src/http-server.ts";
import { startTestGateway } from "../../gateway/test/start-test-gateway.ts";

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
async function serve(handler: RequestListener, others: Partial<ClientTimes> = {}) {
  const limits = { total: 1_000, perAddress: 1_000, isTrusted: () => false };
  const server = makeServer(handler, { limits, onLimited: () => undefined, times: { ...times, ...others } });
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
  test("its head is answered 408 and the connection closed, even if the client never closes its side", async (t) => {
    await using server = await serve(collect);
    const client = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    client.write("GET / HTTP/1.1\r\nHost: a\r\n");
    t.after(() => client.destroy());
    let received = "";
    client.on("data", (chunk: Buffer) => (received += chunk.toString())).on("error", () => undefined);
    await eventually(() => received.includes("408"), "the answer");
    assert.match(received, /^HTTP\/1\.1 408 Request Timeout\r\n.*application\/problem\+json/s);
    await eventually(() => openConnections(server.port) === 0, "no connection is left");
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
    let [now, bytes] = [1, 0];
    const count: RequestListener = (req, res) => {
      req.on("data", (chunk: Buffer) => (bytes += chunk.length)).on("end", () => res.end(String(bytes)));
    };
    await using server = await serve(count, { now: () => now });
    const client = open(server.port, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 120000\r\n\r\n");
    await once(client.socket, "connect");
    for (let piece = 1; piece <= 10; piece += 1) {
      client.socket.write("x".repeat(12_000));
      await eventually(() => bytes === piece * 12_000, "the piece has arrived");
      now += 300;
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

describe("a request with a body behind a response that takes long", { concurrency: true }, () => {
  const begun = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n";
  const serveSlowly = (others: Partial<ClientTimes>) =>
    serve((req, res) => (req.url === "/slow" ? void setTimeout(() => res.end("slow"), 1_500) : collect(req, res)), others);

  for (const [limit, others] of Object.entries({ "pace of bodies": {}, "time for a request": { bodyWindowMs: 60_000, requestMs: 400 } })) {
    test(`is not too slow for the ${limit} while it waits`, async () => {
      await using server = await serveSlowly(others);
      const client = open(server.port, begun);
      await eventually(() => client.received().endsWith("slow"), "the response before it", { state: client.received });
      client.socket.write("x".repeat(20_000));
      await eventually(() => client.received().endsWith("20000"), "its own response", { state: client.received });
      client.socket.destroy();
    });
  }

  test("is judged from its turn on", async () => {
    await using server = await serveSlowly({});
    const client = open(server.port, begun);
    await client.closed;
    assert.match(client.received(), /slow[^]*HTTP\/1\.1 408 /);
  });
});

describe("a client that reads slowly", { concurrency: true }, () => {
  for (const kind of slowReaders) {
    test(`one that ${kind.name} is cut off`, async (t) => {
      await using server = await serve(answerLarge);
      let connected = 0;
      server.server.on("connection", () => (connected += 1));
      t.after(openSlowConnections(server.port, kind, 3));
      await eventually(() => connected === 3, "they are connected");
      await eventually(() => openConnections(server.port) === 0, "none is left");
    });
  }

  test("one that reads at a fair pace gets all of it", async () => {
    let now = 1;
    const answer: RequestListener = (_req, res) => {
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
    await using server = await serve(answer, { now: () => now, stalledWriteMs: 60_000 });
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
  test("an answer that takes long to be made may take it, and a kept connection waits for its next request", async () => {
    await using server = await serve((_req, res) => void setTimeout(() => res.end("late"), 1_000), { keepAliveMs: 60_000 });
    const client = open(server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await eventually(() => client.received().endsWith("late"), "the first answer");
    await delay(700);
    client.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await eventually(() => client.received().split("late").length === 3, "the second answer");
    client.socket.destroy();
  });
});

test("with 40 slow connections of every kind normal requests are answered", async (t) => {
  await using gateway = await startTestGateway({ API_KEY: apiKey, RATE_LIMIT_REQUESTS: "100000" });
  const ends = slowSenders.map((kind) => openSlowConnections(gateway.port, kind, 40));
  await eventually(() => openConnections(gateway.port) >= 100, "they are connected");
  t.after(() => ends.forEach((end) => end()));
  const load = startLoad({ target: () => gateway.url, connections: 10, perSecond: 100 });
  await eventually(() => load.sent - load.underWay > 50, "requests are answered");
  const { failures } = await load.stop();
  assert.deepEqual(failures, []);
});
