import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { deadUrl, eventually, freePort, listen, startDownstream } from "@aivillage/testing";

import { breakerChanged, downstreamAttempted, replicaChanged } from "../src/index.ts";
import { collect, rawClient, rawServer, send, serveProxy } from "./support.ts";

test("requests spread over the replicas", async () => {
  await using a = await startDownstream();
  await using b = await startDownstream();
  await using c = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [a.url, b.url, c.url] }] });
  await Promise.all(Array.from({ length: 60 }, () => send(app.url)));
  for (const replica of [a, b, c]) assert.ok(replica.received.length >= 5, `${replica.received.length} of 60`);
});

test("a replica that is busy gets less than an idle one", async () => {
  await using busy = await startDownstream({ hang: true });
  await using idle = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [busy.url, idle.url] }] });
  const stuck = [];
  while (busy.received.length === 0) {
    stuck.push(await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    await eventually(() => busy.received.length + idle.received.length >= stuck.length, "the request arrives");
  }
  const before = idle.received.length;
  for (let request = 0; request < 20; request += 1) assert.equal((await send(app.url)).status, 200);
  assert.equal(idle.received.length, before + 20);
  for (const { socket } of stuck) socket.destroy();
});

test("a replica that refuses connections costs no request, and is passed over for a while", async () => {
  await using alive = await startDownstream();
  const dead = await deadUrl();
  await using app = await serveProxy({
    targets: [{ name: "twin", url: [dead, alive.url] }],
    ejection: { baseMs: 600_000, maxMs: 600_000 },
  });
  using attempts = collect(downstreamAttempted);
  for (let request = 0; request < 20; request += 1) {
    const response = await send(app.url, { method: "POST" }, "body");
    assert.equal(response.status, 200);
  }
  assert.equal(alive.received.length, 20);
  assert.ok(alive.received.every(({ body }) => body.toString() === "body"));
  const failed = attempts.filter(({ outcome }) => outcome === "connect_error");
  assert.ok(failed.length <= 3, `${failed.length} attempts at the dead replica`);
  assert.ok(failed.every(({ origin }) => origin === dead));
});

test("with all replicas down each is tried once and the response is a 502", async () => {
  const urls = [await deadUrl(), await deadUrl()];
  await using app = await serveProxy({ targets: [{ name: "twin", url: urls }], retries: false });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url)).status, 502);
  assert.deepEqual(attempts.map(({ origin }) => origin ?? "").toSorted(), urls.toSorted());
});

test("an ejected replica is never out of reach: it serves what the other one cannot, and the breaker stays closed", async () => {
  await using a = await listen((_req, res) => void res.end());
  const served = createServer((_req, res) => void res.end());
  const port = await freePort();
  await using app = await serveProxy({
    targets: [{ name: "twin", url: [a.url, `http://127.0.0.1:${port}`] }],
    ejection: { baseMs: 60_000, maxMs: 60_000 },
  });
  using changes = collect(replicaChanged);
  using breakers = collect(breakerChanged);
  while (changes.length === 0) assert.equal((await send(app.url, { method: "POST" }, "x")).status, 200);
  served.listen(port, "127.0.0.1");
  await once(served, "listening");
  await a.goAway();
  for (let request = 0; request < 30; request += 1) assert.equal((await send(app.url, { method: "POST" }, "x")).status, 200);
  assert.equal(changes[1]?.to, "returned");
  assert.equal(breakers.length, 0);
  served.close();
  served.closeAllConnections();
});

test("a GET that breaks off at one replica is repeated at the other, even when that one is ejected", async () => {
  await using cut = await rawServer((socket) => socket.resetAndDestroy());
  await using well = await startDownstream();
  await using app = await serveProxy({
    targets: [{ name: "twin", url: [cut.url, well.url] }],
    ejection: { connectFailures: 1, baseMs: 60_000, maxMs: 60_000 },
  });
  for (let request = 0; request < 10; request += 1) assert.equal((await send(app.url)).status, 200);
  assert.ok(cut.sockets.length > 0);
});

test("many POST requests that break off at one replica open no breaker while the other has not been tried", async () => {
  await using cut = await rawServer((socket) => socket.resetAndDestroy());
  const dead = await deadUrl();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [cut.url, dead] }], client: ({ url }) => url });
  using breakers = collect(breakerChanged);
  using changes = collect(replicaChanged);
  const post = (path: string) => send(app.url + path, { method: "POST" }, "x");
  while (changes.length === 0) await post("/a");
  await Promise.all(Array.from({ length: 40 }, (_none, index) => post(`/${index}`)));
  assert.equal(changes[0]?.origin, dead);
  assert.equal(breakers.length, 0);
});

test("replicas may have base paths of their own", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [`${downstream.url}/a`, `${downstream.url}/b`] }] });
  for (let request = 0; request < 30; request += 1) await send(`${app.url}/x`);
  assert.deepEqual([...new Set(downstream.received.map(({ url }) => url))].toSorted(), ["/a/x", "/b/x"]);
});
