import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, startDownstream } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, send, serveProxy } from "./support.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const parent = (span: number): string => `00-${trace}-${String(span).padStart(16, "0")}-01`;

test("every attempt is sent with its own traceparent, and reported with it", async () => {
  let status = 503;
  await using downstream = await startDownstream(() => {
    const script = { status };
    status = 200;
    return script;
  });
  const asked: string[] = [];
  await using app = await serveProxy({
    targets: [{ name: "twin", url: downstream.url }],
    retries: { baseDelayMs: 1 },
    headers: () => ({ Traceparent: parent(99), "X-Other": "1" }),
    traceparent: (req, { target, attempt }) => {
      asked.push(`${req.method} ${target} ${attempt}`);
      return parent(attempt);
    },
  });
  using attempts = collect(downstreamAttempted);
  const before = Date.now();
  await send(app.url, { headers: { TraceParent: parent(7) } });
  assert.deepEqual(asked, ["GET twin 1", "GET twin 2"]);
  assert.deepEqual(
    downstream.received.map(({ headers }) => [headers["traceparent"], headers["x-other"]]),
    [
      [parent(1), "1"],
      [parent(2), "1"],
    ],
  );
  assert.deepEqual(
    attempts.map(({ traceparent }) => traceparent),
    [parent(1), parent(2)],
  );
  const [first, second] = attempts;
  assert.ok(first !== undefined && second !== undefined);
  assert.ok(first.startedAt >= before - 50 && first.startedAt + first.durationMs <= second.startedAt + 1);
  assert.ok(second.startedAt + second.durationMs <= Date.now() + 50);
});

test("each target of a fallback gets its own too", async () => {
  await using downstream = await startDownstream();
  const targets = [
    { name: "first", url: await deadUrl() },
    { name: "second", url: downstream.url },
  ];
  await using app = await serveProxy({ targets, traceparent: (_req, { target }) => (target === "first" ? parent(1) : parent(2)) });
  using attempts = collect(downstreamAttempted);
  await send(app.url);
  assert.deepEqual(
    attempts.map(({ target, traceparent }) => `${target} ${traceparent}`),
    [`first ${parent(1)}`, `second ${parent(2)}`],
  );
  assert.equal(downstream.received[0]?.headers["traceparent"], parent(2));
});

test("undefined keeps the value of headers or the client, which is not reported", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url, traceparent: () => undefined });
  using attempts = collect(downstreamAttempted);
  await send(app.url, { headers: { traceparent: parent(7) } });
  assert.equal(downstream.received[0]?.headers["traceparent"], parent(7));
  assert.equal(attempts[0]?.traceparent, undefined);
});

test("a traceparent that throws is an error of this request, at the first attempt and at a later one", async () => {
  await using downstream = await startDownstream({ status: 503 });
  let failsAt = 1;
  await using app = await serveProxy({
    target: downstream.url,
    failureWindow: { minRequests: 1, minClients: 1 },
    retries: { baseDelayMs: 1 },
    traceparent: (_req, { attempt }) => {
      if (attempt === failsAt) throw new Error("no span");
      return undefined;
    },
  });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url)).status, 500);
  assert.deepEqual([attempts[0]?.outcome, app.proxy.state()[0]?.breaker], ["cancelled", "closed"]);
  failsAt = 2;
  assert.equal((await send(app.url)).status, 500);
});
