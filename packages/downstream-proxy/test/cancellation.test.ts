import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually, forEachHost, startDownstream } from "@aivillage/testing";

import { downstreamAttempted, downstreamProxy } from "../src/index.ts";
import { sendProblem, collect, rawClient, rawServer, serveProxy } from "./support.ts";

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

forEachHost((host) => {
  const cases = [
    { phase: "before the head", script: { hang: true }, request: get, begun: /^$/ },
    {
      phase: "in the middle of the body",
      script: { body: "x".repeat(100), slowBody: { chunks: 100, everyMs: 200 } },
      request: get,
      begun: /x$/,
    },
    {
      phase: "in an event stream",
      script: { sse: { events: Array.from({ length: 100 }, String), everyMs: 200 } },
      request: get,
      begun: /data/,
    },
    {
      phase: "half-way through an upload",
      script: {},
      request: `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\nhalf`,
      begun: /^$/,
    },
  ];
  for (const { phase, script, request, begun } of cases) {
    test(`a client that leaves ${phase} takes the upstream request with it`, async () => {
      await using downstream = await startDownstream(script);
      using attempts = collect(downstreamAttempted);
      const proxy = downstreamProxy({ target: downstream.url });
      await using app = await host.serve([proxy], sendProblem);
      const client = await rawClient(app.port, request);
      const expectedBody = request.endsWith("half") ? 4 : 0;
      await eventually(() => downstream.received[0]?.body.length === expectedBody, "the request arrives");
      await eventually(() => begun.test(client.text()), "the answer has come as far as it should");
      assert.equal(downstream.received[0]?.clientLeftAt, undefined);
      client.socket.destroy();
      await eventually(() => downstream.received[0]?.clientLeftAt !== undefined, "the target sees the connection close");
      assert.deepEqual(
        attempts.map(({ outcome }) => outcome),
        ["cancelled"],
      );
      await proxy.close();
    });
  }
});

test("a client that leaves while its request waits for a connection frees its place, and nothing is sent", async () => {
  await using downstream = await startDownstream((request) => (request.url === "/hang" ? { hang: true } : {}));
  await using app = await serveProxy({ target: downstream.url, connections: 1, maxQueued: 1, connectTimeoutMs: 600_000 });
  using attempts = collect(downstreamAttempted);
  const first = await rawClient(app.port, "GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => downstream.received.length === 1, "the first request arrives");
  const second = await rawClient(app.port, "GET /second HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => (app.sockets[1]?.bytesRead ?? 0) > 0, "the second request waits");
  second.socket.destroy();
  await eventually(() => attempts.length === 1, "the waiting request is given up");
  const third = await rawClient(app.port, "GET /third HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => (app.sockets[2]?.bytesRead ?? 0) > 0, "the third request waits");
  first.socket.destroy();
  await eventually(() => third.text().startsWith("HTTP/1.1 200 "), "the third request takes the place");
  assert.deepEqual(
    downstream.received.map(({ url }) => url),
    ["/hang", "/third"],
  );
  third.socket.destroy();
});

test("a client that leaves while the connection is being made causes no request", async () => {
  // TLS that is never answered: the connection is being made until its time is up, or nobody waits for it any more.
  await using target = await rawServer();
  await using app = await serveProxy({ target: target.url.replace("http:", "https:"), connectTimeoutMs: 600_000 });
  using attempts = collect(downstreamAttempted);
  const client = await rawClient(app.port, get);
  await eventually(() => target.sockets.length === 1, "the connection is being made");
  client.socket.destroy();
  await eventually(() => attempts[0]?.outcome === "cancelled", "the attempt is given up");
  await eventually(() => target.sockets[0]?.destroyed === true, "the connection is closed");
  assert.equal(attempts.length, 1);
});

test("leaving is no failure of the target: the breaker stays closed", async () => {
  await using downstream = await startDownstream((request) => (request.url === "/hang" ? { hang: true } : {}));
  await using app = await serveProxy({ target: downstream.url, failureWindow: { minRequests: 2, minClients: 1 } });
  for (let round = 1; round <= 4; round += 1) {
    const client = await rawClient(app.port, "GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");
    await eventually(() => downstream.received.length === round, "the request arrives");
    client.socket.destroy();
    await eventually(() => downstream.received[round - 1]?.clientLeftAt !== undefined, "the target sees it");
  }
  assert.equal((await fetch(app.url)).status, 200);
});

test("200 clients that leave in the middle leave no open sockets", async () => {
  await using downstream = await startDownstream((request) =>
    Number(request.url.slice(1)) % 2 === 0 ? { hang: true } : { body: "x".repeat(1000), slowBody: { chunks: 1000, everyMs: 20 } },
  );
  await using app = await serveProxy({ target: downstream.url, connections: 50 });
  const count = (server: { getConnections(callback: (error: Error | null, count: number) => void): unknown }): Promise<number> =>
    new Promise((resolve) => server.getConnections((_error, connections) => resolve(connections)));
  const clients = await Promise.all(
    Array.from({ length: 200 }, (_none, index) => rawClient(app.port, `GET /${index} HTTP/1.1\r\nHost: a\r\n\r\n`)),
  );
  await eventually(() => downstream.received.length >= 50, "the target is busy");
  for (const { socket } of clients) socket.destroy();
  // Else connections that were made for clients that had left would be kept for the next request.
  await app.proxy.close();
  await eventually(async () => (await count(downstream.server)) + (await count(app.server)) === 0, "no socket is open");
});

test("a client that left before the proxy ran is not proxied", async () => {
  await using downstream = await startDownstream();
  let ran = false;
  await using app = await serveProxy({ target: downstream.url }, (_req, res, next) => {
    res.on("close", () => {
      ran = true;
      next();
    });
  });
  const client = await rawClient(app.port, get);
  await eventually(() => (app.sockets[0]?.bytesRead ?? 0) > 0, "the request is read");
  client.socket.destroy();
  await eventually(() => ran, "the proxy is reached");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(downstream.received.length, 0);
});
