import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";

import { deadUrl, type Downstream, eventually, forEachHost, type Script, startDownstream } from "@aivillage/testing";

import { downstreamAttempted, downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";
import { sendProblem, collect, rawServer, send, serveProxy } from "./support.ts";

const two = (first: string, second: string) => [
  { name: "first", url: first },
  { name: "second", url: second, path: "/fallback" },
];

const post = { method: "POST", headers: { "Content-Type": "application/json" } };

forEachHost((host) => {
  test("when the first target is down the second gets the same request, body included", async () => {
    await using second = await startDownstream({ body: { from: "second" } });
    const proxy = downstreamProxy({ targets: two(await deadUrl(), second.url) });
    await using app = await host.serve([proxy], sendProblem);
    const response = await send(`${app.url}/v1/query`, post, '{"query":"hi"}');
    assert.equal(response.status, 200);
    assert.deepEqual(JSON.parse(response.body), { from: "second" });
    assert.equal(second.received[0]?.url, "/fallback");
    assert.equal(second.received[0]?.body.toString(), '{"query":"hi"}');
    await proxy.close();
  });
});

/** Sends one POST to two targets and tells who answered, and how the attempts ended. */
async function run(script: Script, options: Partial<DownstreamProxyOptions> = {}, body = "hello", second: Script = {}) {
  await using first = await startDownstream(script);
  await using fallback = await startDownstream(second);
  await using app = await serveProxy({ targets: two(first.url, fallback.url), ...options });
  using attempts = collect(downstreamAttempted);
  const response = await send(app.url, { ...post, headers: { "Content-Length": body.length } }, body);
  const bodies = (downstream: Downstream): string[] => downstream.received.map((received) => received.body.toString());
  return {
    status: response.status,
    complete: response.complete,
    outcomes: attempts.map(({ target, outcome }) => `${target} ${outcome}`),
    first: bodies(first),
    second: bodies(fallback),
  };
}

test("a 5xx, a reset and a timeout before the head send the request on", async () => {
  const scripts: [Script, string][] = [
    [{ status: 500 }, "server_error"],
    [{ status: 503, body: "x".repeat(100_000) }, "server_error"],
    [{ reset: "before-head" }, "reset"],
    [{ hang: true }, "timeout"],
  ];
  for (const [script, outcome] of scripts) {
    const result = await run(script, { headersTimeoutMs: 1_000 });
    assert.equal(result.status, 200);
    assert.deepEqual(result.outcomes, [`first ${outcome}`, "second success"]);
    assert.deepEqual(result.second, ["hello"]);
  }
});

test("a 4xx is a response and is never sent on", async () => {
  for (const status of [400, 404, 408, 429]) {
    const result = await run({ status });
    assert.equal(result.status, status);
    assert.deepEqual(result.outcomes, ["first client_error"]);
    assert.deepEqual(result.second, []);
  }
});

test("once the head was passed on nothing else is tried", async () => {
  const result = await run({ reset: "mid-body", body: "x".repeat(10_000) });
  assert.equal(result.status, 200);
  assert.equal(result.complete, false);
  assert.deepEqual(result.second, []);
});

test("the last target's 5xx is passed on", async () => {
  const result = await run({ status: 500 }, {}, "hello", { status: 507 });
  assert.equal(result.status, 507);
});

test("fallbackOn narrows what sends a request on", async () => {
  assert.equal((await run({ status: 500 }, { fallbackOn: ["connect_error"] })).status, 500);
  assert.equal((await run({ reset: "before-head" }, { fallbackOn: [] })).status, 502);
});

test("a streamed body is sent again as long as it fits into replayBodyBytes", async () => {
  const body = "x".repeat(50_000);
  assert.deepEqual((await run({ status: 500 }, { replayBodyBytes: 50_000 }, body)).second, [body]);
  const tooLarge = await run({ status: 500 }, { replayBodyBytes: 49_999 }, body);
  assert.equal(tooLarge.status, 500);
  assert.deepEqual(tooLarge.second, []);
});

test("a body that is too large to keep is still sent on while nothing of it was sent", async () => {
  await using second = await startDownstream();
  await using app = await serveProxy({ targets: two(await deadUrl(), second.url), replayBodyBytes: 0 });
  const body = "x".repeat(300_000);
  assert.equal((await send(app.url, post, body)).status, 200);
  assert.equal(second.received[0]?.body.length, body.length);
});

test("an upload that was half sent when the first target broke goes on at the second from its start", async () => {
  await using first = await rawServer();
  await using second = await startDownstream();
  const body = new PassThrough();
  await using app = await serveProxy({ targets: two(first.url, second.url), body: () => ({ contentType: "a/b", body }) });
  const responded = send(app.url, { method: "POST" });
  body.write("first half, ");
  await eventually(() => first.text().includes("first half"), "the first half arrives");
  first.sockets[0]?.resetAndDestroy();
  await eventually(() => second.received[0]?.body.toString() === "first half, ", "the first half arrives again");
  body.end("second half");
  assert.equal((await responded).status, 200);
  assert.equal(second.received[0]?.body.toString(), "first half, second half");
});

test("given bodies of every kind are sent again", async () => {
  for (const body of ["text", Buffer.from("text"), Readable.from([Buffer.from("te"), Buffer.from("xt")])]) {
    const result = await run({ status: 502 }, { body: () => ({ contentType: "text/plain", body }) });
    assert.deepEqual([...result.first, ...result.second], ["text", "text"]);
  }
});

test("with several targets and all of them down the response is 503 with Retry-After", async () => {
  await using app = await serveProxy({ targets: two(await deadUrl(), await deadUrl()) });
  const response = await send(app.url);
  assert.equal(response.status, 503);
  assert.equal(response.headers["retry-after"], "5");
  assert.deepEqual(JSON.parse(response.body), {
    status: 503,
    type: "service-unavailable",
    detail: "No upstream service can be reached at the moment.",
  });
});

test("with one target broken and the other down the response is the last one's failure", async () => {
  await using first = await startDownstream({ status: 500 });
  await using app = await serveProxy({ targets: two(first.url, await deadUrl()) });
  using attempts = collect(downstreamAttempted);
  const response = await send(app.url);
  assert.equal(response.status, 502);
  assert.match(response.body, /The upstream service could not be reached/);
  assert.doesNotMatch(response.body, /first|second/);
  assert.deepEqual([attempts.at(-1)?.target, attempts.at(-1)?.outcome], ["second", "connect_error"]);
});

test("a client that leaves between two attempts ends the matter", async () => {
  await using second = await startDownstream();
  await using first = await rawServer();
  let leave = (): unknown => assert.fail("no request has come");
  await using app = await serveProxy({ targets: two(first.url, second.url) }, (_req, res, next) => {
    leave = () => res.destroy();
    res.once("close", () => first.sockets[0]?.resetAndDestroy());
    next();
  });
  using attempts = collect(downstreamAttempted);
  const left = assert.rejects(send(app.url));
  await eventually(() => first.text() !== "", "the first target has the request");
  leave();
  await left;
  await app.proxy.close();
  assert.deepEqual(
    attempts.map(({ target, outcome }) => `${target} ${outcome}`),
    ["first cancelled"],
  );
  assert.equal(second.received.length, 0);
});
