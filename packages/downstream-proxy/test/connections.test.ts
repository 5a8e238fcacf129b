import assert from "node:assert/strict";
import dns from "node:dns";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, connect, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";

import { eventually } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { collect, send, serveProxy } from "./support.ts";

/** A service whose connections can be counted. */
async function service(t: TestContext, handler: RequestListener, host = "127.0.0.1", port = 0) {
  const sockets: Socket[] = [];
  const server: Server = createServer(handler).on("connection", (socket) => sockets.push(socket));
  server.listen(port, host);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return { server, sockets, port: address.port, url: `http://${host}:${address.port}` };
}

const hello: RequestListener = (_req, res) => void res.end("hello");

async function ask(url: string, times = 1): Promise<string[]> {
  const bodies: string[] = [];
  for (let count = 0; count < times; count += 1) bodies.push((await send(url)).body);
  return bodies;
}

test("a connection is reused, and replaced after maxRequestsPerConnection", async (t) => {
  const target = await service(t, hello);
  await using unlimited = await serveProxy({ target: target.url });
  await ask(unlimited.url, 7);
  assert.equal(target.sockets.length, 1);
  await using limited = await serveProxy({ target: target.url, maxRequestsPerConnection: 3 });
  await ask(limited.url, 7);
  assert.equal(target.sockets.length, 1 + 3);
});

test("a connection that was idle for keepAliveMs is not used again, so a target that closes it later breaks no POST", async (t) => {
  const target = await service(t, hello);
  await using app = await serveProxy({ target: target.url, keepAliveMs: 20 });
  await ask(app.url);
  await eventually(() => target.sockets[0]?.destroyed === true, "the idle connection closes");
  await ask(app.url);
  assert.equal(target.sockets.length, 2);
});

test("requests follow a name to its new address within maxConnectionAgeMs, without an error", async (t) => {
  const old = await service(t, (_req, res) => void res.end("old"), "127.0.0.2");
  const next = await service(t, (_req, res) => void res.end("new"), "127.0.0.3", old.port);
  let address = "127.0.0.2";
  await using app = await serveProxy({ target: `http://service.test:${old.port}`, maxConnectionAgeMs: 300 });
  t.mock.method(dns, "lookup", (_host: string, _options: unknown, callback: (...args: unknown[]) => void) =>
    callback(null, [{ address, family: 4 }]),
  );
  using attempts = collect(downstreamAttempted);
  assert.deepEqual(await ask(app.url, 3), ["old", "old", "old"]);
  address = "127.0.0.3";
  await eventually(async () => (await ask(app.url))[0] === "new", "the new address is used");
  assert.deepEqual(await ask(app.url, 3), ["new", "new", "new"]);
  assert.ok(next.sockets.length > 0);
  assert.ok(attempts.every(({ outcome }) => outcome === "success"));
});

test("a backend that is added behind a balancer of connections gets its share", async (t) => {
  const backends = [await service(t, (_req, res) => void res.end("0")), await service(t, (_req, res) => void res.end("1"))];
  let known = 1;
  let turn = 0;
  const balancer = createTcpServer((client) => {
    const backend = connect(backends[(turn += 1) % known]?.port ?? 0);
    for (const side of [client, backend])
      side.on("error", () => undefined).on("close", () => (side === client ? backend : client).destroy());
    client.pipe(backend).pipe(client);
  }).listen(0, "127.0.0.1");
  t.after(() => balancer.close());
  await once(balancer, "listening");
  const target = `http://127.0.0.1:${(balancer.address() as AddressInfo).port}`;
  await using app = await serveProxy({ target, maxConnectionAgeMs: 50 });
  const load = () => Promise.all(Array.from({ length: 8 }, async () => (await ask(app.url))[0]));
  await load();
  known = 2;
  await eventually(async () => {
    const responses = await load();
    return responses.filter((response) => response === "1").length >= 2;
  }, "the second backend gets requests");
  balancer.close();
});

test("a response with a head over maxHeaderBytes is a 502 that says so", async (t) => {
  const target = await service(t, (_req: IncomingMessage, res) => void res.setHeader("X-Large", "x".repeat(20_000)).end("hello"));
  await using app = await serveProxy({ target: target.url });
  const refused = await send(app.url);
  assert.equal(refused.status, 502);
  assert.match(refused.body, /sent a response with headers of more than 16384 bytes/);
  await using larger = await serveProxy({ target: target.url, maxHeaderBytes: 32_768 });
  assert.equal((await send(larger.url, { maxHeaderSize: 65_536 })).status, 200);
});
