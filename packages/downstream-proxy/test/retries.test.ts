import assert from "node:assert/strict";
import { test } from "node:test";

import { deadUrl, eventually, type Script, startDownstream } from "@aivillage/testing";

import { downstreamAttempted, type DownstreamProxyOptions, type RetryOptions } from "../src/index.ts";
import { collect, rawClient, rawServer, send, serveProxy } from "./support.ts";

const quick: RetryOptions = { baseDelayMs: 1, maxDelayMs: 20 };

/** Sends one request to a target that answers by its scripts in turn, the last one again and again. */
async function run(scripts: readonly Script[], request: { method?: string; headers?: Record<string, string> } = {}, retries = quick) {
  await using downstream = await startDownstream(() => scripts[Math.min(downstream.received.length, scripts.length) - 1] ?? {});
  await using app = await serveProxy({ target: downstream.url, retries });
  using attempts = collect(downstreamAttempted);
  const startedAt = performance.now();
  const response = await send(app.url, request, request.method?.startsWith("P") === true ? "body" : undefined);
  const bodies = downstream.received.map(({ body }) => body.toString());
  return { ...response, attempts: attempts.map(({ outcome }) => outcome), bodies, tookMs: performance.now() - startedAt };
}

test("502, 503, 504 and a reset are tried once more for idempotent methods", async () => {
  for (const script of [{ status: 502 }, { status: 503 }, { status: 504 }, { reset: "before-head" }] satisfies Script[]) {
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
      const result = await run([script, {}], { method });
      assert.equal(result.status, 200, `${method} ${JSON.stringify(script)}`);
      assert.equal(result.attempts.length, 2);
      if (method === "PUT") assert.deepEqual(result.bodies.at(-1), "body");
    }
  }
});

test("other methods are sent once, unless an Idempotency-Key comes with them", async () => {
  for (const method of ["POST", "PATCH"]) {
    for (const script of [{ status: 503 }, { reset: "before-head" }] satisfies Script[]) {
      const once = await run([script, {}], { method });
      assert.equal(once.status, script.status ?? 502);
      assert.equal(once.attempts.length, 1);
      const keyed = await run([script, {}], { method, headers: { "Idempotency-Key": '"8e03978e"' } });
      assert.equal(keyed.status, 200);
      assert.equal(keyed.attempts.length, 2);
      assert.equal(keyed.bodies.at(-1), "body");
    }
  }
});

test("what is no passing trouble is not repeated: a 4xx, a 500, a timeout", async () => {
  for (const status of [400, 404, 408, 425, 429, 500, 501]) {
    const result = await run([{ status }, {}]);
    assert.equal(result.status, status);
    assert.equal(result.attempts.length, 1);
  }
  await using hanging = await startDownstream({ hang: true });
  await using app = await serveProxy({ target: hanging.url, headersTimeoutMs: 1_000, retries: quick });
  assert.equal((await send(app.url)).status, 504);
  assert.equal(hanging.received.length, 1);
});

test("retryOn and attempts say what is repeated and how often", async () => {
  assert.equal((await run([{ status: 500 }, {}], {}, { ...quick, retryOn: [500] })).status, 200);
  assert.equal((await run([{ status: 503 }, {}], {}, { ...quick, retryOn: [] })).status, 503);
  const three = await run([{ status: 503 }, { status: 502 }, {}], {}, { ...quick, attempts: 3 });
  assert.deepEqual(three.attempts, ["server_error", "server_error", "success"]);
  const all = await run([{ status: 503 }], {}, { ...quick, attempts: 4 });
  assert.equal(all.status, 503);
  assert.equal(all.attempts.length, 4);
  assert.equal((await run([{ status: 503 }, {}], {}, { attempts: 1 })).status, 503);
});

test("a connection that could not be made is tried again for any method, because nothing was sent", async () => {
  const url = await deadUrl();
  await using app = await serveProxy({ target: url, retries: { ...quick, attempts: 3 } });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url, { method: "POST" }, "body")).status, 502);
  assert.deepEqual(
    attempts.map(({ outcome, attempt }) => `${attempt} ${outcome}`),
    ["1 connect_error", "2 connect_error", "3 connect_error"],
  );
});

test("Retry-After is waited for, in seconds and as a date, and a longer one than maxDelayMs is reported to the client", async () => {
  const patient: RetryOptions = { baseDelayMs: 1, maxDelayMs: 3_000 };
  const seconds = await run([{ status: 503, headers: { "Retry-After": "1" } }, {}], {}, patient);
  assert.equal(seconds.status, 200);
  assert.ok(seconds.tookMs >= 990, `${seconds.tookMs} ms`);
  const soon = new Date(Date.now() - 5_000).toUTCString();
  assert.equal((await run([{ status: 503, headers: { "Retry-After": soon } }, {}], {}, patient)).status, 200);
  const later = new Date(Date.now() + 60_000).toUTCString();
  for (const wait of ["4", later]) {
    const long = await run([{ status: 503, headers: { "Retry-After": wait } }, {}], {}, patient);
    assert.equal(long.status, 503);
    assert.equal(long.headers["retry-after"], wait);
    assert.equal(long.attempts.length, 1);
  }
});

test("once a byte of the response has gone out nothing is repeated", async () => {
  const result = await run([{ reset: "mid-body", body: "x".repeat(10_000) }, {}]);
  assert.equal(result.status, 200);
  assert.equal(result.complete, false);
  assert.equal(result.attempts.length, 1);
});

test("a streamed body is repeated up to replayBodyBytes", async () => {
  for (const [replayBodyBytes, status] of [
    [50_000, 200],
    [49_999, 503],
  ] as const) {
    await using downstream = await startDownstream(() => ({ status: downstream.received.length === 1 ? 503 : 200 }));
    await using app = await serveProxy({ target: downstream.url, replayBodyBytes, retries: quick });
    assert.equal((await send(app.url, { method: "PUT" }, "x".repeat(50_000))).status, status);
    assert.equal(downstream.received.length, status === 200 ? 2 : 1);
  }
});

test("a kept connection that the target has closed costs an idempotent request nothing, not even a wait", async () => {
  let connection = 0;
  await using target = await rawServer((socket) => {
    connection += 1;
    const isFirst = connection === 1;
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    // The second request on the first connection meets a target that has given it up.
    if (isFirst) socket.once("data", () => socket.resetAndDestroy());
  });
  await using app = await serveProxy({ target: target.url, retries: { baseDelayMs: 60_000, maxDelayMs: 60_000 } });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url)).status, 200);
  assert.equal((await send(app.url)).status, 200);
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ["success", "reset", "success"],
  );
  assert.equal(attempts[1]?.connectMs, undefined);
  assert.ok((attempts[2]?.connectMs ?? -1) >= 0);
});

test("the budget bounds how often a failing target is asked again", async () => {
  const retries: RetryOptions = { ...quick, budget: 0.1 };
  const options: Partial<DownstreamProxyOptions> = { retries, breaker: false };
  await using downstream = await startDownstream({ status: 503 });
  await using app = await serveProxy({ target: downstream.url, ...options });
  const requests = 200;
  for (let sent = 0; sent < requests; sent += 20) await Promise.all(Array.from({ length: 20 }, () => send(app.url)));
  const repeated = downstream.received.length - requests;
  assert.ok(repeated >= 15 && repeated <= 10 + requests * 0.1, `${repeated} retries`);
});

test("a client that leaves during the wait before a retry ends the matter", async () => {
  await using downstream = await startDownstream({ status: 503, headers: { "Retry-After": "60" } });
  await using app = await serveProxy({ target: downstream.url, retries: { maxDelayMs: 60_000 } });
  using attempts = collect(downstreamAttempted);
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => attempts.length === 1, "the first attempt fails");
  let closed = false;
  void app.proxy.close().then(() => (closed = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(closed, false);
  client.socket.destroy();
  await eventually(() => closed, "nothing is waited for any more");
  assert.equal(downstream.received.length, 1);
});

test("with a fallback the request goes there at once, and only the last target is asked again", async () => {
  await using first = await startDownstream({ status: 503 });
  await using second = await startDownstream(() => ({ status: second.received.length === 1 ? 503 : 200 }));
  const targets = [
    { name: "first", url: first.url },
    { name: "second", url: second.url },
  ];
  await using app = await serveProxy({ targets, retries: quick });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url)).status, 200);
  assert.deepEqual(
    attempts.map(({ target, attempt, outcome }) => `${attempt} ${target} ${outcome}`),
    ["1 first server_error", "2 second server_error", "3 second success"],
  );
});
