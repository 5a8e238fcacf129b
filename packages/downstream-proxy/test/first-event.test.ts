import assert from "node:assert/strict";
import type { RequestListener, ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { eventually, listen, whenClosed } from "@aivillage/testing";

import { downstreamAttempted, type DownstreamProxyOptions, type ResponseFilter } from "../src/index.ts";
import { FirstEvent } from "../src/response/first-event.ts";
import { collect, type ProxyServer, rawClient, rawServer, send, serveProxy } from "./support.ts";
import { ask, raw101, serveUpgrades } from "./upgrade-requests.ts";

/** Even on a busy machine a target that responds at once does so within this time. */
const enoughMs = 1_500;

/** A proxy before a first and a second target. */
async function serveTwo(
  t: TestContext,
  first: RequestListener,
  second: RequestListener,
  options: DownstreamProxyOptions = {},
): Promise<ProxyServer> {
  const servers = [await listen(first), await listen(second)] as const;
  const targets = [
    { name: "first", url: servers[0].url },
    { name: "second", url: servers[1].url },
  ];
  const app = await serveProxy({ targets, firstEventTimeoutMs: enoughMs, retries: false, ...options });
  t.after(async () => {
    await app[Symbol.asyncDispose]();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });
  return app;
}

function streams(...events: readonly string[]): RequestListener {
  return (_req, res) => {
    begin(res);
    for (const event of events) res.write(event);
  };
}

function begin(res: ServerResponse): void {
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  res.flushHeaders();
}

const whole =
  (text: string): RequestListener =>
  (_req, res) =>
    void res.writeHead(200, { "Content-Type": "text/event-stream" }).end(text);

test("a target that sends its head and only comments is replaced by the next one, of which the client gets everything", async (t) => {
  using attempts = collect(downstreamAttempted);
  const app = await serveTwo(t, streams(": wait\n\n", "event: ping\n\n"), whole("data: from the second\n\n"));
  const { status, body, complete } = await send(app.url, { method: "POST" }, "question");
  assert.deepEqual([status, body, complete], [200, "data: from the second\n\n", true]);
  await eventually(() => attempts.length === 2, "both attempts are over");
  assert.deepEqual(
    attempts.map(({ target, outcome, status: seen }) => [target, outcome, seen]),
    [
      ["first", "timeout", 200],
      ["second", "success", 200],
    ],
  );
});

test("a target that sends no head in that time is replaced by the next one", async (t) => {
  using attempts = collect(downstreamAttempted);
  const silent: RequestListener = (req) => void req.resume();
  const app = await serveTwo(t, silent, whole("data: from the second\n\n"), { headersTimeoutMs: 600_000 });
  const { status, body } = await send(app.url, { method: "POST" }, "question");
  assert.deepEqual([status, body], [200, "data: from the second\n\n"]);
  await eventually(() => attempts.length === 2, "both attempts are over");
  assert.deepEqual(
    attempts.map(({ target, outcome }) => [target, outcome]),
    [
      ["first", "timeout"],
      ["second", "success"],
    ],
  );
});

test("a response that ends while its head is held has ended, and no deadline follows", async (t) => {
  using attempts = collect(downstreamAttempted);
  const refuse: RequestListener = (_req, res) => void res.writeHead(400, { "Content-Type": "application/json" }).end('{"error":"no"}');
  const filter = (): ResponseFilter => ({ changes: false, opening: "pending", write: (chunk) => chunk, end: () => Buffer.alloc(0) });
  const app = await serveTwo(t, refuse, refuse, { filter, firstEventTimeoutMs: 100, responseTimeoutMs: 200 });
  assert.equal((await send(app.url)).status, 400);
  // On a slow machine this sees less, and never fails for it.
  await delay(400);
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ["client_error"],
  );
});

test("everything that came before the first event reaches the client with it", async (t) => {
  const app = await serveTwo(t, whole(": hello\n\nevent: x\ndata: 1\n\ndata: 2\n\n"), whole(""));
  assert.equal((await send(app.url)).body, ": hello\n\nevent: x\ndata: 1\n\ndata: 2\n\n");
});

test("if no target has content in time the client gets a 504 that names the last one", async (t) => {
  const app = await serveTwo(t, streams(), streams(": wait\n\n"));
  const { status, body } = await send(app.url);
  assert.equal(status, 504);
  assert.match(body, /The upstream service sent no content within 1500 ms/);
});

test("the first byte of another response is its content, and an empty one ends as it is", async (t) => {
  const app = await serveTwo(
    t,
    (req, res) => {
      if (req.url === "/empty") return void res.writeHead(204).end();
      res.writeHead(200, { "Content-Type": "application/json" });
      res.flushHeaders();
      if (req.url === "/begins") res.end("{}");
    },
    (_req, res) => void res.end("second"),
  );
  assert.equal((await send(`${app.url}/begins`)).body, "{}");
  assert.equal((await send(`${app.url}/empty`)).status, 204);
  assert.equal((await send(`${app.url}/silent`)).body, "second");
});

test("a break before the first event leads to the next target, and one after it does not", async (t) => {
  const breaks: RequestListener = (req, res) => {
    begin(res);
    res.write(req.url === "/early" ? ": wait\n\n" : "data: 1\n\n", () => setTimeout(() => res.destroy(), 20));
  };
  const app = await serveTwo(t, breaks, whole("data: second\n\n"), { firstEventTimeoutMs: 60_000 });
  assert.equal((await send(`${app.url}/early`)).body, "data: second\n\n");
  const { body, complete } = await send(`${app.url}/late`);
  assert.deepEqual([body, complete], ["data: 1\n\n", false]);
});

test("another replica gets a silent request only if it may be sent twice", async () => {
  await using silent = await listen(streams());
  await using quick = await listen(whole("data: quick\n\n"));
  // The one with weight 0 is chosen last.
  const url = [
    { url: silent.url, weight: 1 },
    { url: quick.url, weight: 0 },
  ];
  const options = { targets: [{ name: "models", url }], firstEventTimeoutMs: enoughMs };
  await using careful = await serveProxy(options);
  await using bold = await serveProxy({ ...options, retries: { methods: ["POST"] } });
  assert.equal((await send(careful.url)).body, "data: quick\n\n");
  assert.equal((await send(careful.url, { method: "POST" }, "a")).status, 504);
  assert.equal((await send(bold.url, { method: "POST" }, "a")).body, "data: quick\n\n");
});

test("a filter decides what content is, and can refuse a response that has begun", async (t) => {
  const seen: string[] = [];
  const filter = (): ResponseFilter => {
    let text = "";
    return {
      changes: false,
      get opening() {
        if (text.includes("error")) return "refused";
        return text.includes("word") ? "content" : "pending";
      },
      write(chunk) {
        text += chunk.toString();
        return chunk;
      },
      end(how) {
        seen.push(how);
        return Buffer.alloc(0);
      },
    };
  };
  const respond: RequestListener = (req, res) => {
    if (req.url === "/error") return whole("data: error\n\n")(req, res);
    if (req.url === "/400") return void res.writeHead(400).end("an error");
    begin(res);
    res.write("data: start\n\n");
    if (req.url === "/word") setTimeout(() => res.end("data: word\n\n"), 20);
  };
  const app = await serveTwo(t, respond, whole("data: second word\n\n"), { filter });
  assert.equal((await send(`${app.url}/word`)).body, "data: start\n\ndata: word\n\n");
  for (const path of ["/silent", "/error", "/400"]) assert.equal((await send(app.url + path)).body, "data: second word\n\n", path);
  assert.deepEqual(
    seen.filter((how) => how !== "completed"),
    [],
  );
  const alone = await listen(respond);
  const single = await serveProxy({ target: alone.url, filter, firstEventTimeoutMs: enoughMs });
  t.after(async () => {
    await single[Symbol.asyncDispose]();
    await alone[Symbol.asyncDispose]();
  });
  assert.deepEqual([(await send(`${single.url}/error`)).body, (await send(`${single.url}/400`)).body], ["data: error\n\n", "an error"]);
});

test("a response that begins with very much before its content is not held any longer", async (t) => {
  const app = await serveTwo(t, streams(`: ${"x".repeat(100_000)}\n\n`), whole(""), { firstEventTimeoutMs: 60_000 });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => client.text().length > 100_000, "the comment arrives");
  client.socket.destroy();
});

test("a client that leaves while the head is held cancels the upstream request", async () => {
  await using target = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n: wait\n\n\r\n");
  });
  await using app = await serveProxy({ target: target.url, firstEventTimeoutMs: 60_000 });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => target.sockets.length === 1 && target.text() !== "", "the request arrives");
  assert.equal(client.text(), "");
  client.socket.destroy();
  const [upstream] = target.sockets;
  assert.ok(upstream);
  await whenClosed(upstream);
});

test("a WebSocket has no first event to wait for", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url, firstEventTimeoutMs: 50 });
  await using silent = await listen(streams());
  await using later = await serveProxy({ target: silent.url, firstEventTimeoutMs: 200 });
  const client = await rawClient(app.port, ask());
  await eventually(() => client.text().includes("101"), "the protocol has changed");
  // Its limit passes after that of the WebSocket would have passed.
  assert.equal((await send(later.url)).status, 504);
  assert.equal(client.socket.destroyed, false);
  client.socket.destroy();
});

test("targets that send heads without content open the breaker, as those that send nothing do", async () => {
  await using target = await listen(streams());
  const failureWindow = { minRequests: 2, minClients: 1 };
  await using app = await serveProxy({
    target: target.url,
    firstEventTimeoutMs: 100,
    failureWindow,
    breaker: { openMs: 60_000, maxOpenMs: 60_000 },
  });
  for (let count = 0; count < 2; count += 1) assert.equal((await send(app.url)).status, 504);
  assert.equal(app.proxy.state()[0]?.breaker, "open");
});

test("an event is found however the stream is cut, and comments and other fields are none", () => {
  const finds = (text: string, size: number): boolean => {
    const first = new FirstEvent();
    for (let at = 0; at < text.length; at += size) first.push(Buffer.from(text.slice(at, at + size)));
    return first.hasCome;
  };
  for (const size of [1, 2, 3, 5, 100]) {
    for (const text of ["data: 1\n\n", "event: a\ndata: 1\n\n", ": c\r\rdata:1\r\r", "data\n\n", "id: 1\r\ndata: 1\r\n\r\n"])
      assert.ok(finds(text, size), text);
    for (const text of ["", ": data: 1\n\n", "event: data\n\n", "retry: 1\n\n", "database: 1\n\n"]) assert.ok(!finds(text, size), text);
  }
});
