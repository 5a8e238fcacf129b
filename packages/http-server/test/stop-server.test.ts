import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, type TestContext, test } from "node:test";

import { countRequests, httpServer, LeanResponse, stopServer, type StopServerOptions } from "@aivillage/http-server";
import { eventually, forEachHost } from "@aivillage/testing";

import { get, open } from "./support.ts";

const makers: Record<string, (handler: RequestListener) => Server> = {
  "httpServer()": (handler) => httpServer(handler),
  "httpServer() with LeanResponse": (handler) => httpServer(handler, { leanResponse: true }),
  "createServer() of node:http": (handler) => createServer(handler),
};

async function listening(t: TestContext, server: Server): Promise<number> {
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

for (const [name, make] of Object.entries(makers)) {
  describe(`stopServer() on ${name}`, () => {
    test("lets a request in progress end, closes idle connections, and accepts no new ones", async (t) => {
      const begun: ServerResponse[] = [];
      const server = make((req, res) => (req.url === "/slow" ? void begun.push(res) : void res.end("done")));
      const port = await listening(t, server);
      const idle = open(t, port, get("quick"));
      await eventually(() => idle.received().endsWith("done"), "the first response");
      const busy = open(t, port, get("slow"));
      await eventually(() => begun.length === 1, "the request");
      const stopped = stopServer(server, { drainMs: 60_000 });
      await idle.closed;
      assert.equal(server.listening, false);
      begun[0]?.end("late");
      await stopped;
      await busy.closed;
      assert.match(busy.received(), /late$/);
    });

    test("says `Connection: close` while it still accepts connections", async (t) => {
      const server = make((_req, res) => void res.end("done"));
      const port = await listening(t, server);
      const kept = open(t, port, get(1));
      await eventually(() => kept.received().endsWith("done"), "the first response");
      const stopped = stopServer(server, { delayMs: 300, idleMs: 0 });
      kept.socket.write(get(2));
      const late = open(t, port, get(3));
      await Promise.all([kept.closed, late.closed, stopped]);
      for (const { received } of [kept, late]) assert.equal(received().match(/^Connection: close\r$/gm)?.length, 1, received());
    });

    test("cuts what goes on after the drain", async (t) => {
      const server = make((_req, res) => void res.write("endless "));
      const port = await listening(t, server);
      const client = open(t, port, get(1));
      await eventually(() => client.received().includes("endless"), "the response has begun");
      await stopServer(server, { drainMs: 50 });
      await client.closed;
    });

    test("serves a request that comes on an idle connection within `idleMs`", async (t) => {
      const server = make((_req, res) => void res.end("done"));
      const port = await listening(t, server);
      const client = open(t, port, get(1));
      await eventually(() => client.received().endsWith("done"), "the first response");
      const stopped = stopServer(server, { idleMs: 60_000, drainMs: 0 });
      assert.equal(server.listening, false);
      client.socket.write(get(2));
      await stopped;
      await client.closed;
      assert.equal(client.received().match(/done/g)?.length, 2);
    });
  });
}

forEachHost((host) => {
  test("the header is sent, also where the app replaces the methods of the response", async (t) => {
    const server = httpServer(host.listener([(_req, res) => void res.end("done")]), { leanResponse: true });
    const port = await listening(t, server);
    const stopped = stopServer(server, { delayMs: 300 });
    const client = open(t, port, get(""));
    await client.closed;
    await stopped;
    assert.match(client.received(), /^Connection: close\r$/m);
  });
});

test("a connection that has changed its protocol goes on until the drain ends, and is then cut", async (t) => {
  const server = httpServer((_req, res) => void res.end());
  const port = await listening(t, server);
  server.on("upgrade", (_req, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    socket.pipe(socket);
  });
  const client = open(t, port, get("", "Connection: Upgrade\r\nUpgrade: echo\r\n"));
  await eventually(() => client.received().includes("101"), "the protocol changes");
  const stopped = stopServer(server, { drainMs: 300 });
  client.socket.write("still here");
  await eventually(() => client.received().endsWith("still here"), "the echo");
  await stopped;
  await client.closed;
});

test("a connection that never had a request is idle after a second, and before that may bring one", async (t) => {
  let now = 0;
  const server = httpServer((_req, res) => void res.end("done"), { now: () => now, headTimeoutMs: 300_000 });
  const port = await listening(t, server);
  const clients = [open(t, port, ""), open(t, port, "")] as const;
  const connections = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  await eventually(async () => (await connections()) === 2, "both connections");
  const stopped = stopServer(server, { drainMs: 600_000 });
  clients[0].socket.write(get(1));
  await clients[0].closed;
  assert.match(clients[0].received(), /done$/);
  now = 1_000;
  await stopped;
  await clients[1].closed;
  assert.equal(clients[1].received(), "");
});

test("bad options of stopServer() are refused", async () => {
  const server = createServer();
  await assert.rejects(stopServer(server, { drainMs: -1 }), /option `drainMs` must be an integer/);
  await assert.rejects(stopServer(server, { drain: 1 } as StopServerOptions), /unknown option `drain`/);
});

test("countRequests() knows when the last request has ended", async (t) => {
  const begun: ServerResponse[] = [];
  const { listener, ended } = countRequests((_req, res) => void begun.push(res));
  const server = createServer({ ServerResponse: LeanResponse }, listener);
  const port = await listening(t, server);
  const clients = [open(t, port, get(1)), open(t, port, get(2))] as const;
  await eventually(() => begun.length === 2, "both requests");
  let isOver = false;
  const over = ended().then(() => (isOver = true));
  clients[0].socket.destroy();
  await once(begun[0] as ServerResponse, "close");
  assert.equal(isOver, false);
  begun[1]?.end();
  await over;
});
