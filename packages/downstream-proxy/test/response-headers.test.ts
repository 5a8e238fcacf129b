import assert from "node:assert/strict";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { rawRequest, startDownstream } from "@aivillage/testing";

import { rawServer, send, serveProxy } from "./support.ts";

async function headReceivedFor(lines: readonly string[], body = "", ...before: Handler[]): Promise<string[]> {
  await using target = await rawServer((socket) => void socket.end(["HTTP/1.1 200 OK", ...lines, "", body].join("\r\n")));
  await using app = await serveProxy({ target: target.url }, ...before);
  const response = await rawRequest(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  return response.split("\r\n\r\n", 1)[0]?.split("\r\n") ?? [];
}

const valuesOf = (head: readonly string[], name: string): string[] =>
  head.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim());

test("fields that concern one connection, and those that describe the upstream software, do not reach the client", async () => {
  const head = await headReceivedFor(
    [
      "Connection: close, X-Inner",
      "X-Inner: 1",
      "Keep-Alive: timeout=9",
      "Proxy-Authenticate: Basic",
      "Proxy-Connection: close",
      "Trailer: X-Sum",
      "Upgrade: h2c",
      "Server: uvicorn",
      "X-Powered-By: magic",
      "X-Stays: 2",
      "Content-Length: 2",
    ],
    "ok",
  );
  const names = head.slice(1).map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
  assert.deepEqual(names.toSorted(), ["connection", "content-length", "date", "via", "x-stays"]);
});

test("every Set-Cookie stays a separate header", async () => {
  const head = await headReceivedFor(["Set-Cookie: a=1; Path=/", "Set-Cookie: b=2, c", "Content-Length: 0"]);
  assert.deepEqual(valuesOf(head, "set-cookie"), ["a=1; Path=/", "b=2, c"]);
});

test("Date comes once, and is the target's when it sent one", async () => {
  const dated = await headReceivedFor(["Date: Tue, 01 Jan 2030 00:00:00 GMT", "Content-Length: 0"]);
  assert.deepEqual(valuesOf(dated, "date"), ["Tue, 01 Jan 2030 00:00:00 GMT"]);
  assert.equal(valuesOf(await headReceivedFor(["Content-Length: 0"]), "date").length, 1);
});

test("Via has our entry alone, since the others name servers on the inside", async () => {
  assert.deepEqual(valuesOf(await headReceivedFor(["Via: 1.1 db-7.corp", "Content-Length: 0"]), "via"), ["1.1 aivillage"]);
});

test("what earlier handlers set stays, lists are joined, and the content is described by the target", async () => {
  const before: Handler = (_req, res, next) => {
    res.setHeader("X-Frame-Options", "DENY");
    res.setHeader("Vary", "Origin");
    res.setHeader("Set-Cookie", "ours=1");
    res.setHeader("Content-Type", "text/plain");
    next();
  };
  const head = await headReceivedFor(
    [
      "X-Frame-Options: ALLOWALL",
      "Vary: Accept",
      "Set-Cookie: theirs=2",
      "Content-Type: application/json",
      "X-New: 1",
      "Content-Length: 2",
    ],
    "{}",
    before,
  );
  assert.deepEqual(valuesOf(head, "x-frame-options"), ["DENY"]);
  assert.deepEqual(valuesOf(head, "vary"), ["Origin", "Accept"]);
  assert.deepEqual(valuesOf(head, "set-cookie"), ["ours=1", "theirs=2"]);
  assert.deepEqual(valuesOf(head, "content-type"), ["application/json"]);
  assert.deepEqual(valuesOf(head, "x-new"), ["1"]);
});

test("chunks become chunks of our own, and trailers come through when the client takes them", async () => {
  const wire = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n0\r\nX-Sum: 9\r\nSet-Cookie: no\r\n\r\n";
  await using target = await rawServer((socket) => void socket.end(wire));
  await using app = await serveProxy({ target: target.url });
  const ask = (lines: string): Promise<string> => rawRequest(app.port, `GET / HTTP/1.1\r\nHost: a\r\n${lines}Connection: close\r\n\r\n`);
  assert.match(await ask(""), /\r\n\r\n4\r\nwiki\r\n0\r\n\r\n$/);
  assert.match(await ask("TE: trailers\r\n"), /\r\n\r\n4\r\nwiki\r\n0\r\nx-sum: 9\r\n\r\n$/);
});

test("trailers that would say what this server decides are dropped", async () => {
  const owned = [
    "Content-Security-Policy",
    "X-Request-Id",
    "RateLimit",
    "RateLimit-Policy",
    "Location",
    "Vary",
    "Authorization",
    "Set_Cookie",
  ];
  const trailers = [...owned, "Server-Timing", "Grpc-Status"].map((name) => `${name}: 9\r\n`).join("");
  const wire = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n0\r\n${trailers}\r\n`;
  await using target = await rawServer((socket) => void socket.end(wire));
  await using app = await serveProxy({ target: target.url });
  const response = await rawRequest(app.port, "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close\r\n\r\n");
  assert.match(response, /\r\n\r\n4\r\nwiki\r\n0\r\nserver-timing: 9\r\ngrpc-status: 9\r\n\r\n$/);
});

test("an HTTP/1.0 client gets a body without chunks", async () => {
  await using downstream = await startDownstream({ sse: { events: ["1", "2"], everyMs: 1 } });
  await using app = await serveProxy({ target: downstream.url });
  const response = await rawRequest(app.port, "GET / HTTP/1.0\r\n\r\n");
  assert.ok(response.endsWith("\r\n\r\ndata: 1\n\ndata: 2\n\n"));
  assert.doesNotMatch(response, /transfer-encoding/i);
});

test("a status and fields beyond the usual are passed on", async () => {
  await using downstream = await startDownstream({ status: 299, headers: { "X-Latin": "caf\u00e9" }, body: "x" });
  await using app = await serveProxy({ target: downstream.url });
  const response = await send(app.url);
  assert.equal(response.status, 299);
  assert.equal(response.headers["x-latin"], "caf\u00e9");
});
