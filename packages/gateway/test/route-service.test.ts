import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { deadUrl, rawRequest, startDownstream } from "@aivillage/testing";

import { configFile, problemsOf } from "./config-support.ts";
import { startTestGateway } from "./start-test-gateway.ts";

const startWith = (document: object) => startTestGateway({ CONFIG_FILE: configFile(document) });
const post = (url: string, body: string, type = "application/json") =>
  fetch(url, { method: "POST", headers: { "content-type": type }, body });

describe("the size of a body", () => {
  const schema = { type: "object" };
  const route = { methods: ["POST"], public: true };

  test("has limits of the route, and of all", async () => {
    await using service = await startDownstream();
    const upstream = [service.url];
    await using gateway = await startWith({
      input: { maxStringLength: 20, maxDepth: 3 },
      routes: [
        { path: "/usual", upstream, ...route, body: schema },
        { path: "/own", upstream, ...route, body: schema, maxStringLength: 200_000, maxBodyBytes: "2MB", maxDepth: 10 },
        { path: "/small", upstream, ...route, body: schema, maxBodyBytes: 10 },
      ],
    });
    const ask = async (path: string, document: unknown) => (await post(gateway.url + path, JSON.stringify(document))).status;
    assert.equal(await ask("/usual", { text: "x".repeat(20) }), 200);
    assert.equal(await ask("/usual", { text: "x".repeat(21) }), 422);
    assert.equal(await ask("/usual", { a: { b: { c: { d: 1 } } } }), 422);
    assert.equal(await ask("/own", { a: { b: { c: { d: "word ".repeat(30_000) } } } }), 200);
    assert.equal(await ask("/small", { text: "x".repeat(21) }), 413);
  });

  test("holds for streamed bodies too, announced or not", async () => {
    await using service = await startDownstream();
    await using gateway = await startWith({
      input: { maxStreamedBytes: "10kB" },
      routes: [
        { path: "/usual", upstream: [service.url], ...route, body: "stream" },
        { path: "/own", upstream: [service.url], ...route, body: "stream", maxBodyBytes: 100_000 },
      ],
    });
    const ask = async (path: string, length: number) => (await post(gateway.url + path, "x".repeat(length), "text/plain")).status;
    assert.deepEqual([await ask("/usual", 10_000), await ask("/usual", 10_001)], [200, 413]);
    assert.deepEqual([await ask("/own", 100_000), await ask("/own", 100_001)], [200, 413]);
    const chunk = `${(8_000).toString(16)}\r\n${"x".repeat(8_000)}\r\n`;
    const head = "POST /usual HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert.match(await rawRequest(gateway.port, `${head}${chunk}${chunk}0\r\n\r\n`), /^HTTP\/1\.1 413 /);
  });
});

describe("how a service is asked", () => {
  test("waits as long as the route says", async () => {
    await using slow = await startDownstream({ hang: true });
    const route = { public: true, upstream: [slow.url], retries: false };
    await using gateway = await startWith({
      routes: [
        { path: "/headers", ...route, timeouts: { headers: "50ms" } },
        { path: "/total", ...route, timeouts: { total: 0.05 } },
      ],
    });
    assert.equal((await fetch(`${gateway.url}/headers`)).status, 504);
    assert.equal((await fetch(`${gateway.url}/total`)).status, 504);
  });

  test("goes on to the fallback, at its own path", async () => {
    await using other = await startDownstream({ body: "fallback" });
    const fallback = [{ upstream: [other.url], path: "/standby" }];
    await using gateway = await startWith({
      routes: [{ path: "/a/{id}", public: true, upstream: [await deadUrl()], fallback, fallbackOn: ["connect_error"] }],
    });
    assert.equal(await (await fetch(`${gateway.url}/a/1`)).text(), "fallback");
    assert.equal(other.received[0]?.url, "/standby");
  });

  test("is tried again as often as the route says", async () => {
    await using service = await startDownstream({ status: 503 });
    const route = { public: true, upstream: [service.url], breaker: false };
    await using gateway = await startWith({
      routes: [
        { path: "/thrice", ...route, retries: { attempts: 3, baseDelay: "1ms", maxDelay: "2ms" } },
        { path: "/once", ...route, retries: false },
      ],
    });
    assert.equal((await fetch(`${gateway.url}/thrice`)).status, 503);
    assert.equal((await fetch(`${gateway.url}/once`)).status, 503);
    assert.deepEqual(
      service.received.map(({ url }) => url),
      ["/thrice", "/thrice", "/thrice", "/once"],
    );
  });

  test("fills the silence of an event stream", async () => {
    await using service = await startDownstream({ sse: { events: ["1", "2"], everyMs: 300 } });
    await using gateway = await startWith({ routes: [{ path: "/events", public: true, upstream: [service.url], heartbeat: "20ms" }] });
    assert.match(await (await fetch(`${gateway.url}/events`)).text(), /data: 1\n\n:.*data: 2/s);
  });

  test("is checked at the start", () => {
    const problemOf = (route: object) =>
      problemsOf({ env: {}, file: configFile({ routes: [{ path: "/a", upstream: ["http://a:1"], ...route }] }) }).join("\n");
    assert.match(
      problemOf({ timeouts: { headers: "soon" } }),
      /`timeouts\.headers` must be seconds such as 5 or 0\.5.* such as 500ms, 30s, 5m or 1h/,
    );
    assert.match(problemOf({ timeouts: { head: 1 } }), /`timeouts\.head` is unknown: remove it, or use one of connect, headers,/);
    assert.match(problemOf({ fallback: [{ upstream: ["b:1"] }] }), /has no URL in `fallback\[0\]\.upstream`\[0\]/);
    assert.match(problemOf({ fallbackOn: ["timeout"] }), /has `fallbackOn` without `fallback`/);
    assert.match(problemOf({ retries: true }), /`retries` must be false, or an object/);
    assert.match(problemOf({ maxBodyBytes: 10 }), /has `maxBodyBytes`, but takes no body/);
  });
});

describe("an error of the gateway", () => {
  test("has the member that packages for AI services read", async () => {
    await using gateway = await startTestGateway();
    const { error, type } = (await (await fetch(`${gateway.url}/nothing`)).json()) as { error: object; type: string };
    assert.deepEqual(error, { message: "There is nothing at this path.", type: "not_found_error", param: null, code: "not-found" });
    assert.match(type, /not-found/);
  });
});
