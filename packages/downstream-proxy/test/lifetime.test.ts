import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { eventually, listen, startDownstream } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, rawClient, send, serveProxy } from "./support.ts";

test("close lets running requests end, refuses waiting and new ones, and closes every connection", async () => {
  const received: ServerResponse[] = [];
  await using downstream = await listen((_req, res) => void received.push(res));
  await using app = await serveProxy({ target: downstream.url, connections: 1 });
  const running = send(app.url);
  await eventually(() => received.length === 1, "the request runs");
  const waiting = send(app.url);
  await eventually(() => (app.sockets[1]?.bytesRead ?? 0) > 0, "the second request waits");
  const closed = app.proxy.close();
  assert.equal((await waiting).status, 503);
  assert.equal((await send(app.url)).status, 503);
  received[0]?.end("done");
  assert.equal((await running).body, "done");
  await closed;
  await app.proxy.close();
  assert.equal(received.length, 1);
  let open = 1;
  downstream.server.on("connection", () => (open += 1));
  await eventually(() => {
    downstream.server.getConnections((_error, count) => (open = count));
    return open === 0;
  }, "every connection is closed");
});

test("close resolves when the last client of an endless stream has left", async () => {
  await using downstream = await startDownstream({ hang: true });
  await using app = await serveProxy({ target: downstream.url });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => downstream.received.length === 1, "the request runs");
  const closed = app.proxy.close();
  client.socket.destroy();
  await closed;
});

test("at its deadline close cuts what still runs: a request without a response gets 503, a response that has begun is cut", async () => {
  await using downstream = await startDownstream((request) =>
    request.url === "/hang" ? { hang: true } : { sse: { events: Array.from({ length: 2_000 }, String), everyMs: 20 } },
  );
  await using app = await serveProxy({ target: downstream.url });
  using attempts = collect(downstreamAttempted);
  const [hanging, streaming] = [send(`${app.url}/hang`), send(`${app.url}/sse`)];
  await eventually(() => downstream.received.length === 2, "both run");
  await eventually(() => app.sockets.some((socket) => socket.bytesWritten > 0), "the answer has begun");
  const startedAt = performance.now();
  await app.proxy.close({ deadlineMs: 150 });
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs >= 140, `${tookMs} ms`);
  const [withoutResponse, cut] = [await hanging, await streaming];
  assert.equal(withoutResponse.status, 503);
  assert.equal(withoutResponse.headers["retry-after"], "5");
  assert.match(withoutResponse.body, /service-unavailable.*shutting down/);
  assert.equal(cut.status, 200);
  assert.equal(cut.complete, false);
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ["cancelled", "cancelled"],
  );
  await eventually(() => downstream.received.every(({ clientLeftAt }) => clientLeftAt !== undefined), "the target sees both end");
});

test("a deadline that is not needed is not waited for, and close may be called again with a shorter one", async () => {
  await using downstream = await startDownstream({ hang: true });
  await using app = await serveProxy({ target: downstream.url });
  const request = send(app.url);
  await eventually(() => downstream.received.length === 1, "it runs");
  let closed = 0;
  for (const deadlineMs of [3_600_000, 10]) void app.proxy.close({ deadlineMs }).then(() => (closed += 1));
  await eventually(() => closed === 2, "both calls resolve");
  assert.equal((await request).status, 503);
});

test("connections to the target are used again", async () => {
  await using downstream = await startDownstream();
  let connections = 0;
  downstream.server.on("connection", () => (connections += 1));
  await using app = await serveProxy({ target: downstream.url });
  for (let request = 0; request < 10; request += 1) await send(app.url, { method: "POST" }, "x");
  assert.equal(connections, 1);
});

test("every attempt is reported with its outcome, status, time and bytes", async () => {
  await using downstream = await startDownstream((request) => ({ status: Number(request.url.slice(1)), body: "12345" }));
  await using app = await serveProxy({ targets: [{ name: "twin", url: downstream.url }] });
  using attempts = collect(downstreamAttempted);
  for (const status of [200, 404, 500]) await send(`${app.url}/${status}`);
  assert.deepEqual(
    attempts.map(({ target, origin, outcome, status, bytes }) => ({ target, origin, outcome, status, bytes })),
    [
      { target: "twin", origin: downstream.url, outcome: "success", status: 200, bytes: 5 },
      { target: "twin", origin: downstream.url, outcome: "client_error", status: 404, bytes: 5 },
      { target: "twin", origin: downstream.url, outcome: "server_error", status: 500, bytes: 5 },
    ],
  );
  assert.ok(attempts.every(({ req, durationMs }) => req.method === "GET" && durationMs > 0));
});

test("every attempt is reported with its phases and the bytes in both directions", async () => {
  const received: ServerResponse[] = [];
  await using downstream = await listen((req, res) => void req.resume().once("end", () => received.push(res)));
  await using app = await serveProxy({ target: downstream.url, connections: 1 });
  using attempts = collect(downstreamAttempted);
  const running = send(app.url, { method: "POST" }, "123");
  await eventually(() => received.length === 1, "the first request runs");
  const waiting = send(app.url, { method: "POST" }, "1234567");
  await eventually(() => app.proxy.state()[0]?.replicas[0]?.requests === 2, "the second request waits");
  await delay(30);
  received[0]?.end("12345");
  await running;
  await eventually(() => received.length === 2, "the second request runs");
  await delay(30);
  received[1]?.end("12345");
  await waiting;
  const [first, second] = attempts;
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(
    [first, second].map(({ bytes, bytesSent }) => `${bytes} ${bytesSent}`),
    ["5 3", "5 7"],
  );
  assert.deepEqual([first.attempt, second.attempt], [1, 1]);
  assert.ok(first.queuedMs >= 0 && second.queuedMs >= 25, `${first.queuedMs}, ${second.queuedMs}`);
  assert.ok(first.connectMs !== undefined && first.connectMs > 0);
  assert.equal(second.connectMs, undefined);
  for (const { firstByteMs = 0, durationMs, queuedMs } of [first, second]) {
    assert.ok(firstByteMs >= queuedMs + 25 && firstByteMs <= durationMs);
  }
});

test("the events are channels that need no import of ours to subscribe", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url });
  const received: unknown[] = [];
  const listener = (message: unknown): void => void received.push(message);
  channel("aivillage:downstream-proxy:attempted").subscribe(listener);
  await send(app.url);
  channel("aivillage:downstream-proxy:attempted").unsubscribe(listener);
  assert.equal(received.length, 1);
  assert.equal(downstreamAttempted.hasSubscribers, false);
});
