import assert from "node:assert/strict";
import { test } from "node:test";

import { rawRequest } from "@aivillage/testing";

import { words } from "../src/fields/header-patterns.ts";
import { downstreamProxy, withheldHeaders } from "../src/index.ts";
import { linesReceivedFor, texts, valuesOf } from "./header-lines.ts";
import { rawServer, serveProxy } from "./support.ts";

const marked = withheldHeaders.flatMap(({ names }) => names.map((name) => `${name.replace("*", "anything")}: theirs`));
const heads = Array.from({ length: Math.ceil(marked.length / 60) }, (_head, index) => marked.slice(index * 60, index * 60 + 60));
const theirs = (lines: readonly string[]): string[] => lines.filter((line) => line.endsWith(": theirs"));

test("no header of a target that speaks for this server reaches a client", async () => {
  assert.ok(marked.length > 100);
  for (const lines of heads) assert.deepEqual(theirs(await linesReceivedFor(lines)), []);
});

test("the ones that are known from attacks and leaks are among them", async () => {
  const names = words(`
    Access-Control-Allow-Origin Access-Control-Allow-Credentials Access-Control-Expose-Headers Timing-Allow-Origin
    X-Accel-Redirect X-Accel-Limit-Rate X-Accel-Charset X-Accel-Expires X-Sendfile X-LiteSpeed-Location X-Reproxy-URL
    Strict-Transport-Security Public-Key-Pins Expect-CT Alt-Svc Clear-Site-Data NEL Report-To Reporting-Endpoints Refresh
    Server X-Powered-By X-AspNet-Version X-AspNetMvc-Version X-Debug-Token X-Debug-Token-Link X-SourceFiles
    Service-Worker-Allowed SourceMap X-Backend-Server X-Envoy-Upstream-Service-Time X-Runtime
  `);
  assert.deepEqual(theirs(await linesReceivedFor(names.map((name) => `${name}: theirs`))), []);
});

test("what describes and protects the content of a target reaches the client", async () => {
  const lines = texts(`
    content-security-policy: default-src 'self'
    x-frame-options: DENY
    referrer-policy: no-referrer
    x-content-type-options: nosniff
    cache-control: no-store
    etag: x
    retry-after: 3
    x-ratelimit-remaining: 9
    x-request-id: r
    openai-version: 1
    mcp-session-id: s
    location: /a
    www-authenticate: Bearer
    set-cookie: a=b
    content-disposition: inline
    sunset: x
  `);
  const received = await linesReceivedFor(lines);
  const names = received.map((line) => line.toLowerCase());
  assert.deepEqual(
    lines.filter((line) => !names.includes(line.toLowerCase())),
    [],
  );
});

test("an option passes the ones that it names, and no others", async () => {
  const lines = [
    "Access-Control-Allow-Origin: theirs",
    "Access-Control-Max-Age: theirs",
    "Via: 1.1 inner",
    "Refresh: theirs",
    "Alt-Svc: theirs",
  ];
  const received = await linesReceivedFor(lines, { passResponseHeaders: ["Access-Control-*", "via", "Refresh"] });
  assert.deepEqual(
    theirs(received).map((line) => line.toLowerCase()),
    ["access-control-allow-origin: theirs", "access-control-max-age: theirs", "refresh: theirs"],
  );
  assert.deepEqual(valuesOf(received, "via"), ["1.1 inner, 1.1 aivillage"]);
});

test("what earlier handlers have set stays, although an option passes the target's", async () => {
  await using target = await rawServer((socket) => void socket.end("HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n"));
  const options = { target: target.url, passResponseHeaders: ["Access-Control-*"] };
  await using app = await serveProxy(options, (_req, res, next) => {
    res.setHeader("Access-Control-Allow-Origin", "https://app.example");
    next();
  });
  const received = await rawRequest(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.deepEqual(received.match(/^access-control.*$/gim), ["Access-Control-Allow-Origin: https://app.example"]);
});

test("a header that stays here does not come as a trailer either", async () => {
  const wire =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\nAccess-Control-Allow-Origin: *\r\nServer: x\r\n\r\n";
  await using target = await rawServer((socket) => void socket.end(wire));
  await using app = await serveProxy({ target: target.url });
  const response = await rawRequest(app.port, "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close\r\n\r\n");
  assert.match(response, /\r\n0\r\nx-sum: 9\r\n\r\n$/);
});

test("an event stream asks nginx in front not to hold events back, whatever the target says", async () => {
  const received = await linesReceivedFor(["Content-Type: text/event-stream", "X-Accel-Buffering: yes", "X-Accel-Redirect: /secret"]);
  assert.deepEqual(
    received.filter((line) => /^x-accel/i.test(line)),
    ["X-Accel-Buffering: no"],
  );
  assert.deepEqual(valuesOf(await linesReceivedFor(["X-Accel-Buffering: no"]), "x-accel-buffering"), []);
});

test("a name that a server in front may read as a withheld one stays here, even when that one is passed", async () => {
  const lines = ["X_Accel_Redirect: /a", "X-Accel_Redirect: /a", "Surrogate_Control: a", "X-Archive-Files: /a", "Shared-Storage-Write: a"];
  assert.deepEqual(
    (await linesReceivedFor(lines, { passResponseHeaders: ["X-Accel-Redirect"] })).filter((line) => /: (?:\/)?a$/.test(line)),
    [],
  );
});

test("headers that concern one connection cannot be passed", () => {
  for (const name of ["Connection", "Transfer-Encoding", "Trailer", "no header"]) {
    assert.throws(() => downstreamProxy({ target: "http://127.0.0.1:1", passResponseHeaders: [name] }), {
      name: "TypeError",
      message: /option `passResponseHeaders\[0\]` must be a header/,
    });
  }
});
