import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually, forEachHost, listen, startDownstream } from "@aivillage/testing";

import { downstreamAttempted, downstreamProxy, type DownstreamProxyOptions, type TargetOptions } from "../src/index.ts";
import { sendProblem, collect, send, serveProxy } from "./support.ts";

const own: NonNullable<TargetOptions["headers"]> = () => ({ authorization: undefined, "X-Api-Key": "key-of-b" });
const common: DownstreamProxyOptions = { headers: () => ({ authorization: "Bearer key-of-a", "x-tenant": "acme" }) };

forEachHost((host) => {
  test("headers of a target replace those of all for that target alone", async () => {
    await using b = await startDownstream();
    await using a = await startDownstream({ status: 503 });
    const proxy = downstreamProxy({
      ...common,
      targets: [
        { name: "a", url: a.url },
        { name: "b", url: b.url, headers: own },
      ],
      retries: false,
    });
    await using app = await host.serve([proxy], sendProblem);
    assert.equal((await send(app.url)).status, 200);
    const [atA, atB] = [a.received[0]?.headers, b.received[0]?.headers];
    assert.deepEqual([atA?.authorization, atA?.["x-api-key"], atA?.["x-tenant"]], ["Bearer key-of-a", undefined, "acme"]);
    assert.deepEqual([atB?.authorization, atB?.["x-api-key"], atB?.["x-tenant"]], [undefined, "key-of-b", "acme"]);
    await proxy.close();
  });
});

test("a header that a target removes goes in every spelling that a service could read as the same", async () => {
  await using b = await startDownstream();
  const options = { forwardNonstandardHeaders: true, forwardHeaders: ["x-api-key"] };
  const targets = [
    { name: "a", url: await deadUrl() },
    { name: "b", url: b.url, headers: () => ({ "x-api-key": undefined }) },
  ];
  await using app = await serveProxy({ ...options, targets });
  await send(app.url, { headers: { "X-API-Key": "mine", X_Api_Key: "mine", "X.Api.Key": "mine", "X-Other": "stays" } });
  assert.equal(b.received[0]?.headers["x-other"], "stays");
  assert.ok(!b.received[0].rawHeaders.includes("mine"));
});

test("they hold for the first target and with a trace too, and are asked for at each attempt", async () => {
  await using a = await startDownstream({ status: 503 });
  let count = 0;
  const headers = () => ({ "x-count": String((count += 1)) });
  await using app = await serveProxy({
    targets: [{ name: "a", url: a.url, headers }],
    retries: { attempts: 3, baseDelayMs: 1, maxDelayMs: 2 },
    traceparent: () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  });
  await send(app.url, { headers: { "x-count": "client" } });
  assert.deepEqual(
    a.received.map(({ headers: sent }) => [sent["x-count"], sent["traceparent"]?.length]),
    [
      ["1", 55],
      ["2", 55],
      ["3", 55],
    ],
  );
});

test("an upgrade request has them", async () => {
  const seen: unknown[] = [];
  await using a = await listen((req, res) => {
    seen.push(req.headers["x-api-key"], req.headers.authorization);
    res.writeHead(403).end();
  });
  await using app = await serveProxy({ ...common, targets: [{ name: "a", url: a.url, headers: own }] });
  app.server.on("upgrade", app.proxy.upgrade);
  const response = await send(app.url, {
    headers: {
      Connection: "upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    },
  });
  assert.equal(response.status, 403);
  assert.deepEqual(seen, ["key-of-b", undefined]);
});

test("an error that they throw is the response, nothing is sent to that target, and the proxy goes on", async () => {
  await using a = await startDownstream({ status: 503 });
  await using b = await startDownstream();
  let fails = true;
  const headers = () => {
    if (fails) throw new Error("no key");
    return {};
  };
  using attempts = collect(downstreamAttempted);
  await using app = await serveProxy({
    targets: [
      { name: "a", url: a.url },
      { name: "b", url: b.url, headers },
    ],
    retries: false,
  });
  assert.equal((await send(app.url)).status, 500);
  assert.equal(b.received.length, 0);
  fails = false;
  assert.equal((await send(app.url)).status, 200);
  await eventually(() => attempts.length === 3, "all attempts are over");
});

test("headers of a target must be a function", () => {
  assert.throws(() => downstreamProxy({ targets: [{ name: "a", url: "http://a", headers: {} as never }] }), /targets\[0\]\.headers/);
});

const doubled: NonNullable<TargetOptions["body"]> = (_req, body) => Buffer.concat([body, body]);

forEachHost((host) => {
  test("a target gets its own body, with its length, and the next one the body that was read", async () => {
    await using b = await startDownstream();
    await using a = await startDownstream({ status: 503 });
    const proxy = downstreamProxy({
      targets: [
        { name: "a", url: a.url, body: doubled },
        { name: "b", url: b.url },
      ],
      body: () => ({ contentType: "text/plain", body: "über" }),
      retries: false,
    });
    await using app = await host.serve([proxy], sendProblem);
    assert.equal((await send(app.url, { method: "POST", headers: { "Content-Digest": "sha-256=:x:" } }, "client's")).status, 200);
    const [atA, atB] = [a.received[0], b.received[0]];
    assert.deepEqual([atA?.body.toString(), atB?.body.toString()], ["überüber", "über"]);
    assert.deepEqual(
      [atA, atB].map((received) => [received?.headers["content-length"], received?.headers["content-type"]]),
      [
        ["10", "text/plain"],
        ["5", "text/plain"],
      ],
    );
    assert.equal(atA?.headers["content-digest"], undefined);
    await proxy.close();
  });
});

test("a body that nobody has read is not changed but refused, and a request without a body passes", async () => {
  await using a = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "a", url: a.url, body: doubled }] });
  assert.equal((await send(app.url, { method: "POST" }, "unread")).status, 500);
  assert.equal(a.received.length, 0);
  assert.equal((await send(app.url)).status, 200);
});
