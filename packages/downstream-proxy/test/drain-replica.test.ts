import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually, startDownstream } from "@aivillage/testing";

import { rawClient, send, serveProxy } from "./support.ts";

const drainingOf = (app: Awaited<ReturnType<typeof serveProxy>>): boolean[] =>
  app.proxy.state().flatMap(({ replicas }) => replicas.map(({ draining }) => draining));

test("a draining replica gets no new requests, finishes those it has, and is chosen again after its return", async () => {
  await using slow = await startDownstream({ hang: true });
  await using other = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [slow.url, other.url] }], affinity: () => undefined });
  const clients = await Promise.all(Array.from({ length: 12 }, () => rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
  await eventually(() => slow.received.length > 0 && slow.received.length + other.received.length === 12, "both replicas are in use");
  const before = slow.received.length;

  assert.equal(app.proxy.drainReplica(slow.url), true);
  for (let request = 0; request < 20; request += 1) assert.equal((await send(app.url)).status, 200);
  assert.equal(slow.received.length, before, "nothing was sent to the draining replica");
  assert.deepEqual(drainingOf(app), [true, false]);
  assert.equal(app.proxy.state()[0]?.replicas[0]?.requests, before, "its requests are still running");

  for (const { socket } of clients) socket.destroy();
  await eventually(() => app.proxy.state()[0]?.replicas[0]?.requests === 0, "its last request has ended");
  slow.script = {};
  assert.equal(app.proxy.resumeReplica(slow.url), true);
  assert.deepEqual(drainingOf(app), [false, false]);
  while (slow.received.length === before) assert.equal((await send(app.url)).status, 200);
});

test("a replica drains in every target that has it, and a replica that none has is reported", async () => {
  await using first = await startDownstream();
  await using second = await startDownstream();
  const targets = [
    { name: "twin", url: [first.url, second.url] },
    { name: "spare", url: [first.url, second.url] },
  ];
  await using app = await serveProxy({ targets });
  app.proxy.drainReplica(first.url);
  assert.deepEqual(drainingOf(app), [true, false, true, false]);
  assert.equal(app.proxy.drainReplica("http://192.0.2.1"), false);
  assert.equal(app.proxy.resumeReplica("http://192.0.2.1"), false);
});

test("when every replica drains, requests are sent as if none did", async () => {
  await using only = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "twin", url: only.url }] });
  app.proxy.drainReplica(only.url);
  assert.equal((await send(app.url)).status, 200);
  assert.deepEqual(drainingOf(app), [true]);
});

test("while the other replica drains, failures of the last one open the breaker, and the draining one is not tried", async () => {
  await using draining = await startDownstream();
  const targets = [{ name: "twin", url: [draining.url, await deadUrl()] }];
  await using app = await serveProxy({ targets, retries: false, breaker: { openMs: 60_000 }, failureWindow: { minRequests: 3 } });
  app.proxy.drainReplica(draining.url);
  while (app.proxy.state()[0]?.breaker === "closed") assert.equal((await send(app.url)).status, 502);
  assert.equal((await send(app.url)).status, 503);
  assert.equal(draining.received.length, 0);
});
