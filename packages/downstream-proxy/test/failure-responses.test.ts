import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";

import { HttpProblem } from "@aivillage/middleware";
import { deadUrl, eventually, listen, rawRequest, startDownstream } from "@aivillage/testing";

import { downstreamAttempted, downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";
import { collect, rawClient, rawServer, send, serveProxy } from "./support.ts";

interface Told {
  status: number;
  type: string;
  detail: string;
}

async function problemFor(
  url: string,
  options: DownstreamProxyOptions = {},
  name = "twin",
): Promise<Told & { outcome: string | undefined }> {
  await using app = await serveProxy({ targets: [{ name, url }], ...options });
  using attempts = collect(downstreamAttempted);
  const response = await send(app.url);
  const told = JSON.parse(response.body) as Told;
  assert.equal(response.status, told.status);
  assert.doesNotMatch(response.body, /127\.0\.0\.1|localhost|ECONN|UND_ERR/);
  return { ...told, outcome: attempts.find(({ target }) => target === name)?.outcome };
}

test("a refused connection is a 502", async () => {
  const told = await problemFor(await deadUrl());
  assert.deepEqual(told, {
    status: 502,
    type: "bad-gateway",
    detail: "The upstream service could not be reached.",
    outcome: "connect_error",
  });
});

test("a connection that is closed or reset before the head is a 502", async () => {
  const detail = "The upstream service closed the connection before it responded.";
  await using closing = await rawServer((socket) => void socket.end());
  assert.deepEqual(await problemFor(closing.url), { status: 502, type: "bad-gateway", detail, outcome: "reset" });
  await using resetting = await startDownstream({ reset: "before-head" });
  assert.deepEqual(await problemFor(resetting.url), { status: 502, type: "bad-gateway", detail, outcome: "reset" });
});

test("an error on a connection that another request has opened is handled in the async context of its own request", async () => {
  const client = new AsyncLocalStorage<string>();
  let requests = 0;
  await using target = await listen((req, res) => {
    requests += 1;
    if (requests === 1) res.end();
    else req.socket.destroy();
  });
  const proxy = downstreamProxy({ target: target.url });
  await using app = await listen((req, res) =>
    client.run(req.url ?? "", () => proxy(req, res, (error: Error) => res.end(`${client.getStore()} ${HttpProblem.from(error).status}`))),
  );
  const ask = async (path: string): Promise<string> => (await fetch(app.url + path, { method: "POST" })).text();
  assert.deepEqual([await ask("/ann"), await ask("/bob")], ["", "/bob 502"]);
  await proxy.close();
});

test("a response that is not valid HTTP is a 502", async () => {
  const detail = "The upstream service sent a response that is not valid HTTP.";
  const responses = [
    "SSH-2.0-OpenSSH\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
  ];
  for (const response of responses) {
    await using target = await rawServer((socket) => void socket.end(response));
    assert.deepEqual(await problemFor(target.url), { status: 502, type: "bad-gateway", detail, outcome: "reset" }, response.slice(0, 60));
  }
});

test("an upgrade that nobody asked for is a 502", async () => {
  await using target = await rawServer(
    (socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
  );
  assert.equal((await problemFor(target.url)).status, 502);
});

test("a connection and a head that do not come in time are a 504 that says which, and the upstream is cut", async () => {
  await using silent = await rawServer();
  await using downstream = await startDownstream({ hang: true });
  const [unconnected, withoutResponse] = await Promise.all([
    problemFor(silent.url.replace("http:", "https:"), { connectTimeoutMs: 100 }, "a"),
    problemFor(downstream.url, { headersTimeoutMs: 100 }, "b"),
  ]);
  const problem = { status: 504, type: "gateway-timeout" };
  assert.deepEqual(unconnected, {
    ...problem,
    detail: "The upstream service did not accept a connection within 100 ms.",
    outcome: "connect_error",
  });
  assert.deepEqual(withoutResponse, {
    ...problem,
    detail: "The upstream service did not begin to respond within 100 ms.",
    outcome: "timeout",
  });
  await eventually(() => downstream.received[0]?.clientLeftAt !== undefined, "the target sees the connection close");
});

test("the whole time is limited when asked for, with a 504 that says so", async () => {
  await using downstream = await startDownstream({ hang: true });
  const told = await problemFor(downstream.url, { totalTimeoutMs: 100 });
  assert.equal(told.status, 504);
  assert.equal(told.detail, "The whole exchange took longer than 100 ms.");
  assert.equal(told.outcome, "timeout");
});

test("the whole time does not cut an event stream, but it cuts any other body", async () => {
  const totalTimeoutMs = 2_000;
  const chunked = (type: string) => `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`;
  await using events = await rawServer((socket) => void socket.write(chunked("text/event-stream")));
  await using eventsApp = await serveProxy({ target: events.url, totalTimeoutMs });
  await using slow = await rawServer((socket) => void socket.write(chunked("text/plain")));
  await using slowApp = await serveProxy({ target: slow.url, totalTimeoutMs });
  const listening = send(eventsApp.url);
  await eventually(() => events.text() !== "", "the stream runs");
  const cut = await send(slowApp.url);
  // The stream is older than the body that was cut.
  events.sockets[0]?.end("0\r\n\r\n");
  const responses = [await listening, cut];
  assert.deepEqual(
    responses.map(({ status, complete }) => ({ status, complete })),
    [
      { status: 200, complete: true },
      { status: 200, complete: false },
    ],
  );
});

test("silence in the middle of a body or an event stream cuts the client's connection", async () => {
  using attempts = collect(downstreamAttempted);
  const silentAfterStart = async (type: string): Promise<void> => {
    await using target = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n`);
    });
    await using app = await serveProxy({ target: target.url, idleTimeoutMs: 150 });
    const response = await send(app.url);
    assert.equal(response.body, "a");
    assert.equal(response.complete, false);
  };
  await Promise.all(["text/plain", "text/event-stream"].map(silentAfterStart));
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ["timeout", "timeout"],
  );
});

test("a body that the target cuts short never looks complete to the client", async () => {
  const heads = [
    "Content-Length: 10\r\n\r\nhalf",
    "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "Transfer-Encoding: chunked\r\n\r\n9\r\nhalf",
  ];
  for (const rest of heads) {
    for (const end of ["end", "resetAndDestroy"] as const) {
      await using target = await rawServer((socket) => void socket.write(`HTTP/1.1 200 OK\r\n${rest}`));
      await using app = await serveProxy({ target: target.url });
      using attempts = collect(downstreamAttempted);
      const response = await send(app.url, {}, undefined, (body) => void (body === "half" && target.sockets[0]?.[end]()));
      assert.equal(response.status, 200);
      assert.equal(response.body, "half");
      assert.equal(response.complete, false, `${rest} ${end}`);
      assert.equal(attempts[0]?.outcome, "reset");
    }
  }
});

test("an HTTP/1.0 client, which has only the end of the connection to go by, sees a reset", async () => {
  await using target = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
  });
  await using app = await serveProxy({ target: target.url });
  const client = await rawClient(app.port, "GET / HTTP/1.0\r\n\r\n");
  const errors: string[] = [];
  client.socket.on("error", (error: Error & { code?: string }) => errors.push(error.code ?? ""));
  await eventually(() => client.text().endsWith("half"), "the half arrives");
  target.sockets[0]?.end();
  await eventually(() => client.socket.destroyed, "the connection ends");
  assert.deepEqual(errors, ["ECONNRESET"]);
});

test("a full queue and a long wait in it are a 503 with Retry-After", async () => {
  await using downstream = await startDownstream({ hang: true });
  await using app = await serveProxy({
    target: downstream.url,
    connections: 1,
    maxQueued: 1,
    connectTimeoutMs: 1_000,
    retryAfterMs: 1_500,
  });
  using attempts = collect(downstreamAttempted);
  const busy = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => downstream.received.length === 1, "the connection is busy");
  const waiting = send(app.url);
  await eventually(() => (app.sockets[1]?.bytesRead ?? 0) > 0, "the second request waits");
  const refused = await send(app.url);
  const waited = await waiting;
  for (const response of [refused, waited]) {
    assert.equal(response.status, 503);
    assert.equal(response.headers["retry-after"], "2");
    assert.match(response.body, /service-unavailable.*has no connection free/);
  }
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ["refused", "refused"],
  );
  busy.socket.destroy();
});

test("requests beyond the connections wait for their turn and all get a response", async () => {
  let running = 0;
  let most = 0;
  await using downstream = await listen((_req, res) => {
    running += 1;
    most = Math.max(most, running);
    const end = (): void => {
      running -= 1;
      res.end();
    };
    setTimeout(end, 15);
  });
  await using app = await serveProxy({ target: downstream.url, connections: 4 });
  const responses = await Promise.all(Array.from({ length: 40 }, () => send(app.url)));
  assert.ok(responses.every(({ status }) => status === 200));
  assert.ok(most <= 4, `${most} at once`);
});

test("requests on one connection of the client get responses in order", async () => {
  await using downstream = await startDownstream((request) => ({ body: request.url, delayMs: request.url === "/1" ? 60 : 0 }));
  await using app = await serveProxy({ target: downstream.url });
  const one = (path: string, fields = ""): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
  const response = await rawRequest(app.port, one("/1") + one("/2") + one("/3", "Connection: close\r\n"), 30_000);
  assert.deepEqual(
    [...response.matchAll(/\r\n\r\n(\/\d)/g)].map(([, body]) => body),
    ["/1", "/2", "/3"],
  );
});
