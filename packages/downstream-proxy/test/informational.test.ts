import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";

import { compose, continueOnRead, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { deadUrl, eventually, forEachHost, rawRequest, startDownstream } from "@aivillage/testing";

import { downstreamProxy } from "../src/index.ts";
import { sendProblem, rawClient, rawServer, send, serveProxy } from "./support.ts";

const hints =
  "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style\r\nLink: </b.js>; rel=preload; as=script\r\nX-Inner: 1\r\n\r\n";
const done = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone";

forEachHost((host) => {
  test("103 Early Hints reach the client before the response, with their links and nothing else", async () => {
    await using target = await rawServer((socket) => void socket.write(hints));
    const proxy = downstreamProxy({ target: target.url });
    await using app = await host.serve([proxy], sendProblem);
    const told: unknown[] = [];
    const sent = request(app.url, { agent: false }).on("information", ({ statusCode, headers }) => told.push({ statusCode, ...headers }));
    const responded = new Promise<number | undefined>((resolve) => sent.on("response", (res) => resolve(res.resume().statusCode)));
    sent.end();
    await eventually(() => told.length === 1, "the hints arrive before the answer");
    assert.deepEqual(told, [{ statusCode: 103, link: "</a.css>; rel=preload; as=style, </b.js>; rel=preload; as=script" }]);
    target.sockets[0]?.write(done);
    assert.equal(await responded, 200);
    await proxy.close({ deadlineMs: 0 });
  });
});

test("hints are kept from HTTP/1.0 clients, malformed ones are left out, and 102 is passed over", async () => {
  await using target = await rawServer(
    (socket) => void socket.end(`${hints}HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: nonsense\r\n\r\n${done}`),
  );
  await using app = await serveProxy({ target: target.url });
  assert.match(await rawRequest(app.port, "GET / HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 [^]*done$/);
  const response = await rawRequest(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.deepEqual(
    [...response.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status),
    ["103", "200"],
  );
});

test("hints do not stand in the way of a retry", async () => {
  let connection = 0;
  await using target = await rawServer((socket) => {
    connection += 1;
    socket.write(hints);
    if (connection === 1) socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    else socket.end(done);
  });
  await using app = await serveProxy({ target: target.url, retries: { baseDelayMs: 1 } });
  assert.equal((await send(app.url)).body, "done");
});

test("a target that only ever gives informational responses is a 502, not a hang", async () => {
  await using target = await rawServer((socket) => {
    const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(4)), 5);
    socket.on("close", () => clearInterval(timer));
  });
  await using app = await serveProxy({ target: target.url, retries: false });
  assert.equal((await send(app.url)).status, 502);
});

test("Expect: 100-continue is handled by Node where the server does not care, and is not passed on", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url });
  const client = await rawClient(app.port, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  await eventually(() => client.text() === "HTTP/1.1 100 Continue\r\n\r\n", "the client may go on");
  client.socket.write("body");
  await eventually(() => client.text().includes(" 200 "), "the answer arrives");
  assert.equal(client.text().match(/100 Continue/g)?.length, 1);
  assert.equal(downstream.received[0]?.headers.expect, undefined);
  assert.equal(downstream.received[0]?.body.toString(), "body");
  client.socket.destroy();
});

/** A server that leaves 100-continue to its handlers. */
async function serveExpecting(target: string, ...before: Parameters<typeof compose>) {
  const app = await serveProxy({ target, retries: false }, ...before);
  app.server.on("checkContinue", toListener(compose(...before, app.proxy), sendProblem));
  return app;
}

test("a server that listens to checkContinue asks for the body when there is a connection to the target", async () => {
  await using downstream = await startDownstream();
  await using app = await serveExpecting(downstream.url);
  const client = await rawClient(app.port, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  await eventually(() => client.text() === "HTTP/1.1 100 Continue\r\n\r\n", "the client may go on");
  client.socket.write("body");
  await eventually(() => client.text().includes(" 200 "), "the answer arrives");
  assert.equal(downstream.received[0]?.body.toString(), "body");
  client.socket.destroy();
});

test("a request that is refused is not asked for its body", async () => {
  const upload = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
  await using away = await serveExpecting(await deadUrl());
  assert.match(await rawRequest(away.port, upload), /^HTTP\/1\.1 502 /);
  await using downstream = await startDownstream();
  await using guarded = await serveExpecting(downstream.url, (_req, _res, next) => next(new HttpProblem({ status: 401 })));
  assert.match(await rawRequest(guarded.port, upload), /^HTTP\/1\.1 401 /);
  assert.equal(downstream.received.length, 0);
});

test("a server that asks when the body is first read asks once, and not before there is a connection", async () => {
  const upload = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
  const askOnRead: Handler = (req, res, next) => {
    continueOnRead(req, res);
    next();
  };
  await using away = await serveExpecting(await deadUrl(), askOnRead);
  assert.match(await rawRequest(away.port, upload), /^HTTP\/1\.1 502 /);
  await using downstream = await startDownstream();
  await using app = await serveExpecting(downstream.url, askOnRead);
  const client = await rawClient(app.port, upload);
  await eventually(() => client.text() !== "", "the client may go on");
  client.socket.write("body");
  await eventually(() => client.text().includes(" 200 "), "the response arrives");
  assert.equal(client.text().match(/100 Continue/g)?.length, 1);
  assert.equal(downstream.received[0]?.body.toString(), "body");
  client.socket.destroy();
});
