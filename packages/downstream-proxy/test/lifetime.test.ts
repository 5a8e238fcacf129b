import assert from "node:assert/strict";
import { channel } from "node:diagnostics_channel";
import { test } from "node:test";

import { startDownstream, waitUntil } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, rawClient, send, serveProxy } from "./support.ts";

test("close lets running requests end, refuses waiting and new ones, and closes every connection", async () => {
  await using downstream = await startDownstream({ body: "done", delayMs: 150 });
  await using app = await serveProxy({ target: downstream.url, connections: 1 });
  const running = send(app.url);
  await waitUntil(() => downstream.received.length === 1, "the request runs");
  const waiting = send(app.url);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const closed = app.proxy.close();
  assert.equal((await waiting).status, 503);
  assert.equal((await send(app.url)).status, 503);
  assert.equal((await running).body, "done");
  await closed;
  await app.proxy.close();
  assert.equal(downstream.received.length, 1);
  let open = 1;
  downstream.server.on("connection", () => (open += 1));
  await waitUntil(() => {
    downstream.server.getConnections((_error, count) => (open = count));
    return open === 0;
  }, "every connection is closed");
});

test("close resolves when the last client of an endless stream has left", async () => {
  await using downstream = await startDownstream({ hang: true });
  await using app = await serveProxy({ target: downstream.url });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await waitUntil(() => downstream.received.length === 1, "the request runs");
  const closed = app.proxy.close();
  client.socket.destroy();
  await closed;
});

test("connections to the target are used again", async () => {
  await using downstream = await startDownstream();
  let connections = 0;
  downstream.server.on("connection", () => (connections += 1));
  await using app = await serveProxy({ target: downstream.url });
  for (let request = 0; request < 10; request += 1) await send(app.url, { method: "POST" }, "x");
  assert.equal(connections, 1);
});

test("every attempt is told with its outcome, status, time and bytes", async () => {
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
  assert.ok(attempts.every(({ req, durationMs }) => req.method === "GET" && durationMs > 0 && durationMs < 5_000));
});

test("the events are channels that need nothing of ours to be heard", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url });
  const heard: unknown[] = [];
  const listener = (message: unknown): void => void heard.push(message);
  channel("aivillage:downstream-proxy:attempted").subscribe(listener);
  await send(app.url);
  channel("aivillage:downstream-proxy:attempted").unsubscribe(listener);
  assert.equal(heard.length, 1);
  assert.equal(downstreamAttempted.heard, false);
});
