import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import { type Handler, HttpProblem, markResponseBroken, markResponseDelivered, requestPath } from "@aivillage/middleware";
import { eventually, forEachHost, rawRequest } from "@aivillage/testing";

import { metrics, type MetricsOptions, Registry } from "../src/index.ts";
import { type Exposition, parseExposition } from "./parse-exposition.ts";

const ok: Handler = (_req, res) => void res.end("ok");

/** A registry of its own with the request metrics in it. */
function setUp(options: MetricsOptions = {}) {
  const registry = new Registry();
  const handler = metrics({ registry, defaultMetrics: false, ...options });
  const read = async (): Promise<Exposition> => parseExposition(await registry.metrics());
  /** Waits until so many requests are counted: an answer reaches the client a moment before the server has ended it. */
  const counted = async (requests: number): Promise<Exposition> => {
    const look = async (): Promise<Exposition> => {
      const now = await read();
      const total = now.named("gateway_requests_total").reduce((sum, { value }) => sum + value, 0);
      assert.equal(total, requests);
      return now;
    };
    return eventually(look, "the requests are counted");
  };
  return { registry, handler, read, counted };
}

const get = { method: "GET", endpoint: "unmatched", status: "200" };

forEachHost((host) => {
  test("a request is counted and timed by method, endpoint and status", async () => {
    const { handler, counted } = setUp({ endpoint: (req) => (requestPath(req).startsWith("/users/") ? "/users/:id" : undefined) });
    await using app = await host.serve([handler, ok]);
    for (const path of ["/users/1", "/users/2?admin=1", "/elsewhere"]) await (await fetch(app.url + path)).text();
    await (await fetch(`${app.url}/users/3`, { method: "POST", body: "{}" })).text();

    const now = await counted(4);
    assert.equal(now.value("gateway_requests_total", { ...get, endpoint: "/users/:id" }), 2);
    assert.equal(now.value("gateway_requests_total", get), 1);
    assert.equal(now.value("gateway_requests_total", { ...get, method: "POST", endpoint: "/users/:id" }), 1);
    assert.equal(now.value("gateway_request_duration_seconds_count", { ...get, endpoint: "/users/:id" }), 2);
    assert.equal(now.types.get("gateway_requests_total"), "counter");
    assert.equal(now.types.get("gateway_request_duration_seconds"), "histogram");
    assert.equal(now.types.get("gateway_requests_in_flight"), "gauge");
  });

  test("the duration is in seconds and falls into the right cumulative buckets", async () => {
    const { handler, counted } = setUp();
    await using app = await host.serve([handler, (_req, res) => void setTimeout(() => res.end("late"), 110)]);
    const startedAt = performance.now();
    await (await fetch(app.url)).text();
    const now = await counted(1);
    const upperBound = (performance.now() - startedAt) / 1_000;

    const sum = now.value("gateway_request_duration_seconds_sum", get) ?? 0;
    assert.ok(sum >= 0.105 && sum <= upperBound, `${sum} s`);
    const buckets = now.named("gateway_request_duration_seconds_bucket");
    assert.deepEqual(
      buckets.map(({ labels }) => labels["le"]),
      ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2", "5", "10", "30", "+Inf"],
    );
    for (const { labels, value } of buckets) assert.equal(value, sum <= Number(labels["le"]?.replace("+Inf", "Infinity")) ? 1 : 0);
    assert.equal(now.value("gateway_request_duration_seconds_count", get), 1);
  });

  test("an error response is counted with the status that the client got", async () => {
    const { handler, counted } = setUp();
    await using app = await host.serve([handler, (_req, _res, next) => next(new HttpProblem({ status: 429 }))]);
    assert.equal((await fetch(app.url)).status, 429);
    const now = await counted(1);
    assert.equal(now.value("gateway_requests_total", { ...get, status: "429" }), 1);
  });

  test("a client that leaves before the response is complete is a 499, and in flight until then", async () => {
    const { handler, read, counted } = setUp();
    let arrived = 0;
    await using app = await host.serve([handler, (_req, res) => void ((arrived += 1), res.write("half"))]);
    const leaving = new AbortController();
    const responses = [0, 1].map(() => fetch(app.url, { signal: leaving.signal }));
    await eventually(() => arrived === 2, "two requests have arrived");
    await Promise.all(responses);

    assert.equal((await read()).value("gateway_requests_in_flight"), 2);
    leaving.abort();
    const now = await counted(2);
    assert.equal(now.value("gateway_requests_total", { ...get, status: "499" }), 2);
    assert.equal(now.value("gateway_requests_in_flight"), 0);
  });

  test("a response that a failed service has broken has the status of the failure", async () => {
    const { handler, counted } = setUp();
    const breakOff: Handler = (req, res) =>
      void res.write("half", () => {
        markResponseBroken(req, 504);
        res.destroy();
      });
    await using app = await host.serve([handler, breakOff]);
    await assert.rejects(async () => (await fetch(app.url)).text());
    const now = await counted(1);
    assert.equal(now.value("gateway_requests_total", { ...get, status: "504" }), 1);
  });

  test("a client that has its whole response and disconnects instead of sending the rest of its request is counted with the status", async () => {
    const { handler, counted } = setUp();
    const refuse: Handler = (req, res) => {
      res.writeHead(401, { "Content-Length": 7, Connection: "close" });
      res.write("refused", (error) => void (error ?? markResponseDelivered(req)));
    };
    await using app = await host.serve([handler, refuse]);
    const client = connect(app.port, "127.0.0.1", () => client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc"));
    let received = "";
    client.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (received.endsWith("refused")) client.resetAndDestroy();
    });
    const now = await counted(1);
    assert.equal(now.value("gateway_requests_total", { ...get, method: "POST", status: "401" }), 1);
    assert.equal(now.value("gateway_requests_in_flight"), 0);
  });

  test("open streams are the event streams that are not complete, however their head was written", async () => {
    const { handler, read, counted } = setUp();
    let arrived = 0;
    const type = "text/event-stream; charset=utf-8";
    const responses: Record<string, Handler> = {
      "/set": (_req, res) => void (res.setHeader("content-type", type), res.write(": hello\n\n")),
      "/head": (_req, res) => void (res.writeHead(200, { "Content-Type": type }), res.write(": hello\n\n")),
      "/json": (_req, res) => void (res.setHeader("content-type", "application/json"), res.write("[")),
      "/silent": () => undefined,
    };
    const respond: Handler = (req, res, next) => {
      arrived += 1;
      responses[requestPath(req)]?.(req, res, next);
    };
    await using app = await host.serve([handler, respond]);
    const leaving = new AbortController();
    const requests = Object.keys(responses).map((path) => fetch(app.url + path, { signal: leaving.signal }).catch(() => undefined));
    await eventually(() => arrived === 4, "four requests have arrived");
    const now = await read();
    assert.equal(now.value("gateway_open_streams"), 2);
    assert.equal(now.value("gateway_requests_in_flight"), 4);
    leaving.abort();
    await Promise.all(requests);
    const then = await counted(4);
    assert.equal(then.value("gateway_open_streams"), 0);
    assert.equal(then.value("gateway_requests_total", { ...get, status: "499" }), 4);
  });

  test("mounted twice, it counts a request once", async () => {
    const { handler, counted } = setUp();
    await using app = await host.serve([handler, handler, ok]);
    await (await fetch(app.url)).text();
    assert.equal((await counted(1)).value("gateway_requests_in_flight"), 0);
  });

  test("a client that left while an earlier handler was waiting is counted once and never in flight", async () => {
    const { handler, counted } = setUp();
    let arrived = false;
    const waitForClose: Handler = (_req, res, next) => {
      arrived = true;
      res.once("close", () => setImmediate(next));
    };
    await using app = await host.serve([waitForClose, handler, ok]);
    const leaving = new AbortController();
    const response = fetch(app.url, { signal: leaving.signal });
    await eventually(() => arrived, "the request has arrived");
    leaving.abort();
    await assert.rejects(response, { name: "AbortError" });
    const now = await counted(1);
    assert.equal(now.value("gateway_requests_total", { ...get, status: "499" }), 1);
    assert.equal(now.value("gateway_requests_in_flight"), 0);
  });

  test("requests on one kept connection are counted one by one", async () => {
    const { handler, counted } = setUp();
    await using app = await host.serve([handler, ok]);
    const one = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const last = "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    assert.equal((await rawRequest(app.port, one + one + last, 30_000)).match(/HTTP\/1\.1 200/g)?.length, 3);
    const now = await counted(3);
    assert.equal(now.value("gateway_requests_total", get), 2);
    assert.equal(now.value("gateway_requests_total", { ...get, method: "HEAD" }), 1);
  });

  test("a thousand random paths and methods leave the number of series constant", async () => {
    const { handler, counted } = setUp();
    await using app = await host.serve([handler, (_req, _res, next) => next(new HttpProblem({ status: 404 }))]);
    const unusual = ["PURGE", "MKCOL", "REPORT", "PROPFIND", "LOCK", "M-SEARCH", "SEARCH", "UNLINK", "ACL", "BIND"];
    const send = (method: string): Promise<string> => {
      const requests = Array.from({ length: 100 }, (_, place) => {
        const connection = place === 99 ? "close" : "keep-alive";
        return `${method} /${Math.random().toString(36)}/${place} HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\n\r\n`;
      });
      return rawRequest(app.port, requests.join(""), 5_000);
    };
    await send("PURGE");
    const before = (await counted(100)).samples.length;
    await Promise.all(unusual.map(send));
    const now = await counted(1_100);
    assert.equal(now.samples.length, before);
    assert.equal(now.value("gateway_requests_total", { method: "_OTHER", endpoint: "unmatched", status: "404" }), 1_100);
  });

  test("a resolver that throws or gives no string loses no request", async () => {
    const failing = setUp({
      endpoint: () => {
        throw new Error("broken");
      },
    });
    const wrong = setUp({ endpoint: (() => 7) as unknown as () => string });
    await using app = await host.serve([failing.handler, wrong.handler, ok]);
    assert.equal(await (await fetch(app.url)).text(), "ok");
    assert.equal((await failing.counted(1)).value("gateway_requests_total", { ...get, endpoint: "_ERROR" }), 1);
    assert.equal((await wrong.counted(1)).value("gateway_requests_total", { ...get, endpoint: "_ERROR" }), 1);
  });
});
