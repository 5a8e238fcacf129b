import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { eventually, listen } from "@aivillage/testing";

import { ClientShares } from "../src/clients/client-shares.ts";
import { concurrencyExceeded, downstreamAttempted, type DownstreamProxyOptions } from "../src/index.ts";
import { readDownstreamProxyOptions } from "../src/options/read-options.ts";
import { collect, rawClient, rawServer, send, serveProxy } from "./support.ts";

const from = (name: string): IncomingMessage => ({ url: name }) as IncomingMessage;

/** How many requests each client gets in, when they take turns until all are refused. */
function sharesOf(clients: readonly string[], options: Partial<DownstreamProxyOptions>): number[] {
  const shares = new ClientShares(readDownstreamProxyOptions({ target: "http://a.example", client: ({ url }) => url, ...options }));
  const counts = clients.map(() => 0);
  let running = 0;
  for (let round = 0; round < 2_000; round += 1) {
    for (const [index, name] of clients.entries()) {
      if (shares.enter(from(name), running) === false) continue;
      counts[index] = (counts[index] ?? 0) + 1;
      running += 1;
    }
  }
  return counts;
}

test("a client alone gets its limit, and the next one finds room", () => {
  assert.deepEqual(sharesOf(["a"], { connections: 1_024, maxConcurrentPerClient: 512 }), [512]);
  assert.deepEqual(sharesOf(["a"], { connections: 1_024, maxConcurrentPerClient: 5 }), [5]);
  assert.deepEqual(sharesOf(["a"], { connections: 1_024, maxConcurrentPerClient: 768 }), [768]);
});

test("however many clients take all they can, connections are left for one more", () => {
  for (const clients of [1, 2, 3, 10, 100]) {
    for (const maxConcurrentPerClient of [100, 512, 900]) {
      const names = Array.from({ length: clients }, (_, index) => String(index));
      const taken = sharesOf(names, { connections: 1_024, maxConcurrentPerClient });
      const sum = taken.reduce((total, count) => total + count, 0);
      assert.ok(sum < 1_024, `${sum} of ${clients} clients`);
      assert.ok(Math.min(...taken) > 0);
      assert.ok(Math.max(...taken) - Math.min(...taken) <= 1, `shares are equal: ${taken.join(" ")}`);
    }
  }
});

test("a limit as large as the connections is absolute, and 0 is none", () => {
  assert.deepEqual(sharesOf(["a"], { connections: 10, maxConcurrentPerClient: 20 }), [20]);
  assert.deepEqual(sharesOf(["a"], { connections: 10 }), [2_000]);
});

test("a client without anything in progress is not refused", () => {
  const shares = new ClientShares(
    readDownstreamProxyOptions({ target: "http://a.example", client: ({ url }) => url, connections: 4, maxConcurrentPerClient: 2 }),
  );
  const share = shares.enter(from("new"), 100);
  assert.deepEqual(share, { count: 1 });
  assert.equal(shares.enter(from("new"), 100), false);
  share.count -= 1;
  assert.deepEqual(shares.stateOf(from("new")), { client: "new", count: 0 });
});

test("a principal has one share from all its addresses, and clients without a principal have their own", () => {
  const named = ({ url }: IncomingMessage): string | undefined => url;
  const principal = (req: IncomingMessage): string | undefined => (named(req)?.startsWith("key") === true ? "key" : undefined);
  const shares = new ClientShares(
    readDownstreamProxyOptions({ target: "http://a.example", client: named, principal, connections: 100, maxConcurrentPerClient: 2 }),
  );
  const enter = (name: string): boolean => shares.enter(from(name), 0) !== false;
  assert.deepEqual(["key at a", "key at b", "key at c", "a", "a", "a", "b"].map(enter), [true, true, false, true, true, false, true]);
  assert.deepEqual(shares.stateOf(from("key at c")), { client: "key", count: 2 });
});

test("clients with nothing in progress are forgotten before there are many, those with something are not", () => {
  const shares = new ClientShares(
    readDownstreamProxyOptions({ target: "http://a.example", client: ({ url }) => url, connections: 4, maxConcurrentPerClient: 2 }),
  );
  shares.enter(from("busy"), 0);
  for (let index = 0; index < 100_000; index += 1) {
    const share = shares.enter(from(`client ${index}`), 1);
    assert.ok(share);
    share.count -= 1;
    assert.ok(shares.size <= 1_001, `${shares.size} are remembered`);
  }
  assert.equal(shares.stateOf(from("busy")).count, 1);
});

test("a refused request costs nothing: no fields are made for it, and it adds nothing to the retry budget", async () => {
  let made = 0;
  let held = 0;
  await using target = await listen((req, res) => {
    if (req.url === "/hold") held += 1;
    else res.writeHead(503).end();
  });
  await using app = await serveProxy({
    target: target.url,
    maxConcurrentPerClient: 1,
    client: ({ headers }) => headers["x-client"] as string,
    headers: () => ({ "X-Made": String((made += 1)) }),
    retries: { budget: 0.5, baseDelayMs: 1 },
    breaker: false,
  });
  const holding = await rawClient(app.port, "GET /hold HTTP/1.1\r\nHost: a\r\nX-Client: a\r\n\r\n");
  await eventually(() => held === 1, "the first request is in progress");
  for (let index = 0; index < 40; index += 1) assert.equal((await send(app.url, { headers: { "X-Client": "a" } })).status, 429);
  assert.equal(made, 1);
  using attempts = collect(downstreamAttempted);
  for (let index = 0; index < 40; index += 1) assert.equal((await send(app.url, { headers: { "X-Client": "b" } })).status, 503);
  // 10 at the start, and a half for each of the 41 requests that were sent.
  assert.equal(attempts.length, 40 + 30);
  holding.socket.destroy();
});

test("a request that cannot be forwarded gives its place back", async () => {
  await using target = await listen((_req, res) => void res.end());
  await using app = await serveProxy({ target: target.url, maxConcurrentPerClient: 1 });
  for (let index = 0; index < 3; index += 1) assert.equal((await send(app.url, { method: "TRACE" })).status, 501);
  assert.equal((await send(app.url)).status, 200);
});

test("one client's streams beyond its limit are a 429, and another client is served", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
  await using target = await rawServer((socket) => {
    const text = target.text();
    if (text.slice(text.lastIndexOf("GET ")).startsWith("GET /ok ")) socket.end(`${head}Content-Length: 0\r\n\r\n`);
    else socket.write(`${head}\r\n:\n\n`);
  });
  await using app = await serveProxy({
    target: target.url,
    maxConcurrentPerClient: 3,
    client: ({ headers }) => headers["x-client"] as string,
  });
  using exceeded = collect(concurrencyExceeded);
  const open = async (): Promise<Awaited<ReturnType<typeof rawClient>>> => {
    const client = await rawClient(app.port, "GET /stream HTTP/1.1\r\nHost: a\r\nX-Client: a\r\n\r\n");
    await eventually(() => client.text().includes("HTTP/1.1 200"), "the stream begins");
    return client;
  };
  const streams = [await open(), await open(), await open()];
  const refused = await send(`${app.url}/ok`, { headers: { "X-Client": "a" } });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers["retry-after"], "5");
  assert.match(refused.body, /too-many-concurrent-requests.*You have 3 requests in progress, /);
  assert.deepEqual(
    exceeded.map(({ req: _req, ...rest }) => rest),
    [{ target: "downstream", client: "a", count: 3, limit: 3 }],
  );
  assert.equal((await send(`${app.url}/ok`, { headers: { "X-Client": "b" } })).status, 200);
  streams[0]?.socket.destroy();
  await eventually(() => app.proxy.state()[0]?.replicas[0]?.requests === 2, "the first stream has ended");
  assert.equal((await send(`${app.url}/ok`, { headers: { "X-Client": "a" } })).status, 200);
  for (const { socket } of streams) socket.destroy();
});
