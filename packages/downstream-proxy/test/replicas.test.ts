import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually, startDownstream } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, rawClient, send, serveProxy } from "./support.ts";

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
    const answer = await send(app.url, { method: "POST" }, "body");
    assert.equal(answer.status, 200);
  }
  assert.equal(alive.received.length, 20);
  assert.ok(alive.received.every(({ body }) => body.toString() === "body"));
  const failed = attempts.filter(({ outcome }) => outcome === "connect_error");
  assert.ok(failed.length <= 3, `${failed.length} attempts at the dead replica`);
  assert.ok(failed.every(({ origin }) => origin === dead));
});

test("with all replicas away every one is tried once and the answer is a 502", async () => {
  const urls = [await deadUrl(), await deadUrl()];
  await using app = await serveProxy({ targets: [{ name: "twin", url: urls }], retries: false });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url)).status, 502);
  assert.deepEqual(attempts.map(({ origin }) => origin ?? "").toSorted(), urls.toSorted());
});

test("replicas may have base paths of their own", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [`${downstream.url}/a`, `${downstream.url}/b`] }] });
  for (let request = 0; request < 30; request += 1) await send(`${app.url}/x`);
  assert.deepEqual([...new Set(downstream.received.map(({ url }) => url))].toSorted(), ["/a/x", "/b/x"]);
});
