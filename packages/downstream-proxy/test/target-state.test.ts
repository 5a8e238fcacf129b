import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually, listen, startDownstream } from "@aivillage/testing";

import { breakerChanged, downstreamAttempted, replicaChanged } from "../src/index.ts";
import { collect, rawClient, send, serveProxy } from "./support.ts";

const never = { breaker: { openMs: 60_000 }, ejection: { baseMs: 60_000, maxMs: 60_000 }, retries: false } as const;

test("the state of every target and replica can be asked for", async () => {
  await using downstream = await startDownstream({ hang: true });
  const dead = await deadUrl();
  const targets = [
    { name: "twin", url: [downstream.url, dead] },
    { name: "spare", url: downstream.url },
  ];
  await using app = await serveProxy({ targets, ...never });
  const idle = { ejected: false, failing: false, draining: false, requests: 0 };
  assert.deepEqual(app.proxy.state(), [
    {
      target: "twin",
      breaker: "closed",
      replicas: [
        { origin: downstream.url, ...idle },
        { origin: dead, ...idle },
      ],
    },
    { target: "spare", breaker: "closed", replicas: [{ origin: downstream.url, ...idle }] },
  ]);
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => downstream.received.length === 1, "the request arrives");
  assert.deepEqual(
    app.proxy.state()[0]?.replicas.map(({ requests }) => requests),
    [1, 0],
  );
  client.socket.destroy();
});

test("after an unhealthy report earlier responses no longer keep a target that went away in use, and a report alone changes nothing", async () => {
  await using away = await listen((_req, res) => void res.end());
  await using app = await serveProxy({ targets: [{ name: "twin", url: away.url }], ...never, failureWindow: { minRequests: 3 } });
  using changes = collect(breakerChanged);
  for (let request = 0; request < 20; request += 1) assert.equal((await send(app.url)).status, 200);
  app.proxy.reportHealth({ target: "twin", healthy: false });
  assert.equal((await send(app.url)).status, 200, "the breaker is closed");
  app.proxy.reportHealth({ target: "twin", healthy: false });
  await away.goAway();
  for (let request = 0; request < 3; request += 1) assert.equal((await send(app.url)).status, 502);
  assert.deepEqual(
    changes.map(({ from, to }) => `${from} ${to}`),
    ["closed open"],
  );
  assert.equal((await send(app.url)).status, 503);
});

test("after a healthy report the next request tries an open target without waiting", async () => {
  let status = 500;
  await using downstream = await startDownstream(() => ({ status }));
  await using app = await serveProxy({
    targets: [{ name: "twin", url: downstream.url }],
    ...never,
    failureStatuses: [500],
    failureWindow: { minRequests: 1, minClients: 1 },
  });
  await send(app.url);
  assert.equal((await send(app.url)).status, 503);
  app.proxy.reportHealth({ target: "twin", healthy: true });
  assert.equal(app.proxy.state()[0]?.breaker, "open");
  assert.equal((await send(app.url)).status, 500);
  assert.equal((await send(app.url)).status, 503);
  status = 200;
  app.proxy.reportHealth({ target: "twin", healthy: true });
  for (let request = 0; request < 3; request += 1) assert.equal((await send(app.url)).status, 200);
  assert.equal(app.proxy.state()[0]?.breaker, "closed");
});

test("reports about one replica concern that one: its next failed connection ejects it, and it is tried again when it is well", async () => {
  await using sick = await listen((_req, res) => void res.end());
  await using well = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [sick.url, well.url] }], ...never });
  using changes = collect(replicaChanged);
  const replica = () => app.proxy.state()[0]?.replicas[0];
  app.proxy.reportHealth({ target: "twin", origin: sick.url, healthy: false });
  assert.deepEqual([replica()?.failing, replica()?.ejected], [true, false]);
  await sick.goAway();
  await sendUntil(app.url, () => changes.length > 0);
  assert.deepEqual(
    changes.map(({ origin, to }) => `${origin} ${to}`),
    [`${sick.url} ejected`],
  );
  using attempts = collect(downstreamAttempted);
  for (let request = 0; request < 20; request += 1) assert.equal((await send(app.url)).status, 200);
  assert.deepEqual([...new Set(attempts.map(({ origin }) => origin))], [well.url]);
  app.proxy.reportHealth({ target: "twin", origin: sick.url, healthy: true });
  assert.equal(replica()?.ejected, true);
  await sendUntil(app.url, () => attempts.some(({ origin }) => origin === sick.url));
});

test("a healthy report after an unhealthy one withdraws it: one failed connection does not eject the replica", async () => {
  await using sick = await listen((_req, res) => void res.end());
  await using well = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "twin", url: [sick.url, well.url] }], ...never });
  using changes = collect(replicaChanged);
  using attempts = collect(downstreamAttempted);
  app.proxy.reportHealth({ target: "twin", origin: sick.url, healthy: false });
  app.proxy.reportHealth({ target: "twin", origin: sick.url, healthy: true });
  assert.equal(app.proxy.state()[0]?.replicas[0]?.failing, false);
  await sick.goAway();
  await sendUntil(app.url, () => attempts.some(({ origin }) => origin === sick.url));
  assert.deepEqual([...changes], []);
});

test("reports about other targets change nothing, and without breaker and ejection a report has no effect", async () => {
  await using app = await serveProxy({
    targets: [{ name: "twin", url: await deadUrl() }],
    breaker: false,
    ejection: false,
    retries: false,
  });
  const before = app.proxy.state();
  app.proxy.reportHealth({ target: "other", healthy: false });
  app.proxy.reportHealth({ target: "twin", origin: "http://127.0.0.1:1", healthy: false });
  assert.deepEqual(app.proxy.state(), before);
  app.proxy.reportHealth({ target: "twin", healthy: false });
  for (let request = 0; request < 15; request += 1) assert.equal((await send(app.url)).status, 502);
  assert.equal(app.proxy.state()[0]?.breaker, "closed");
});

/** The choice between replicas is random. */
async function sendUntil(url: string, done: () => boolean): Promise<void> {
  for (let request = 0; request < 200 && !done(); request += 1) await send(url);
  assert.ok(done());
}
