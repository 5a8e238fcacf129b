import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { compose, type Handler, HttpProblem, toListener, upgradeListener } from "@aivillage/middleware";
import { eventually, forEachHost, listen, rawRequest, startDownstream } from "@aivillage/testing";

import { downstreamProxy } from "../src/index.ts";
import { sendProblem, rawClient } from "./support.ts";
import { ask, raw101, serveUpgrades } from "./upgrade-requests.ts";
import { webSocketServer } from "./web-socket-server.ts";

/** A server whose handlers see upgrade requests too. */
async function serveThrough(...handlers: Handler[]) {
  const app = toListener(compose(...handlers), sendProblem);
  const running = await listen(app);
  running.server.on("upgrade", upgradeListener(app));
  return running;
}

const demandKey: Handler = (req, res, next) => {
  res.setHeader("X-Request-Id", "r-1");
  if (req.headers["x-key"] === "secret") return next();
  next(new HttpProblem({ status: 401, headers: { "WWW-Authenticate": "Bearer" } }));
};

forEachHost((host) => {
  test("a WebSocket passes the handlers before the proxy, and its subprotocol, path and messages arrive", async (t) => {
    await using target = await webSocketServer();
    const proxy = downstreamProxy({ target: target.url });
    t.after(() => proxy.close({ deadlineMs: 0 }));
    const handlers: Handler[] = [(req, _res, next) => next(req.url === "/none" ? new HttpProblem({ status: 404 }) : undefined), proxy];
    await using app = await host.serve(handlers, sendProblem);
    app.server.on("upgrade", upgradeListener(host.listener(handlers, sendProblem)));
    const client = new WebSocket(`${app.url.replace("http", "ws")}/live?a=1`, ["chat"]);
    await once(client, "open");
    client.send("hello");
    const [{ data }] = (await once(client, "message")) as [MessageEvent];
    assert.equal(data, "hello");
    client.close(1000, "done");
    const [{ code }] = (await once(client, "close")) as [CloseEvent];
    assert.equal(code, 1000);
    assert.equal(target.requests[0]?.url, "/live?a=1");
    assert.match(await rawRequest(app.port, ask("", "/none")), /^HTTP\/1\.1 404 /);
  });
});

test("a handler before the proxy can refuse, and its response is complete", async (t) => {
  await using target = await raw101();
  const proxy = downstreamProxy({ target: target.url });
  t.after(() => proxy.close({ deadlineMs: 0 }));
  await using app = await serveThrough(demandKey, proxy);
  const refused = await rawRequest(app.port, ask());
  assert.match(refused, /^HTTP\/1\.1 401 [^]*WWW-Authenticate: Bearer\r\n[^]*Connection: close\r\n[^]*"status":401/);
  assert.equal(target.text(), "");
  assert.match(await rawRequest(app.port, ask("X-Key: secret\r\nContent-Length: 3\r\n")), /^HTTP\/1\.1 400 /);
  const client = await rawClient(app.port, ask("X-Key: secret\r\n"));
  await eventually(() => client.text().includes(" 101 "), "the protocol changes");
  client.socket.destroy();
});

test("a refusal of the target joins the headers of earlier handlers, and the response counts as delivered", async (t) => {
  await using target = await startDownstream({ status: 403, headers: { "content-type": "text/plain" }, body: "no" });
  const proxy = downstreamProxy({ target: target.url });
  t.after(() => proxy.close({ deadlineMs: 0 }));
  const closed: number[] = [];
  const record: Handler = (_req, res, next) => {
    res.on("close", () => closed.push(res.statusCode));
    next();
  };
  await using app = await serveThrough(record, demandKey, proxy);
  assert.match(
    await rawRequest(app.port, ask("X-Key: secret\r\n")),
    /^HTTP\/1\.1 403 Forbidden\r\n[^]*x-request-id: r-1\r\n[^]*\r\n\r\nno$/i,
  );
  await eventually(() => closed.length === 1, "the response closes");
  assert.deepEqual(closed, [403]);
});

test("an offer of another protocol is ignored, whatever the method, and the connection stays usable", async (t) => {
  await using target = await startDownstream({ body: "hello" });
  const proxy = downstreamProxy({ target: target.url });
  t.after(() => proxy.close({ deadlineMs: 0 }));
  const handler = toListener(proxy, sendProblem);
  const offer = "Host: a\r\nConnection: keep-alive, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
  for (const listener of [proxy.upgrade, upgradeListener(handler)]) {
    await using app = await listen(handler);
    app.server.on("upgrade", listener);
    const client = await rawClient(app.port, `GET /1 HTTP/1.1\r\n${offer}\r\n`);
    await eventually(() => client.text().endsWith("hello"), "the first response comes");
    client.socket.write(`POST /2 HTTP/1.1\r\n${offer}Content-Length: 4\r\n\r\nbo`);
    client.socket.write("dy");
    await eventually(() => client.text().split("hello").length === 3, "the second response comes");
    assert.equal(client.text().match(/HTTP\/1\.1 200 OK/g)?.length, 2);
    assert.equal(target.received.at(-1)?.body.toString(), "body");
    assert.equal(target.received.at(-1)?.headers["upgrade"], undefined);
    client.socket.destroy();
  }
});

test("of two proxies on one server, the first takes the connection and the second leaves it alone", async (t) => {
  await using first = await raw101();
  await using second = await raw101();
  await using app = await serveUpgrades({ target: first.url });
  const other = downstreamProxy({ target: second.url });
  t.after(() => other.close({ deadlineMs: 0 }));
  app.server.on("upgrade", other.upgrade);
  const client = await rawClient(app.port, ask());
  await eventually(() => client.text().includes(" 101 "), "the protocol changes");
  first.sockets[0]?.write("end");
  await eventually(() => client.text().endsWith("end"), "the bytes arrive");
  assert.equal(client.text().match(/ 101 /g)?.length, 1);
  assert.equal(second.text(), "");
  client.socket.destroy();
});

test("a connection that another listener takes is left to it, in either order", async () => {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url });
  app.server.on("upgrade", (req, socket) => {
    if (req.url !== "/own") return;
    socket.on("data", () => undefined);
    socket.end("HTTP/1.1 101 Own\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  });
  assert.match(await rawRequest(app.port, ask("", "/own")), /^HTTP\/1\.1 101 Own\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n$/);
  assert.equal(target.text(), "");
});

test("an offer in HTTP/1.0 is ignored: the request is handled as an ordinary one", async (t) => {
  await using target = await startDownstream();
  const proxy = downstreamProxy({ target: target.url });
  t.after(() => proxy.close({ deadlineMs: 0 }));
  await using app = await serveThrough(proxy);
  await using bare = await serveUpgrades({ target: target.url });
  for (const { port } of [app, bare]) assert.match(await rawRequest(port, ask().replace("HTTP/1.1", "HTTP/1.0")), /^HTTP\/1\.1 200 /);
  assert.deepEqual(
    target.received.map(({ headers }) => headers.upgrade),
    [undefined],
  );
});
