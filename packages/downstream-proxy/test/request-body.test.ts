import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";

import { type Handler, HttpProblem } from "@aivillage/middleware";
import { eventually, startDownstream } from "@aivillage/testing";

import { rawClient, send, serveProxy } from "./support.ts";

/** Stands for any body parser: reads the body to its end and leaves what it was told to leave. */
const parser =
  (toValue: (text: string) => unknown): Handler =>
  (req: IncomingMessage & { body?: unknown }, _res, next) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      req.body = toValue(Buffer.concat(chunks).toString());
      next();
    });
  };

const json = { "Content-Type": "application/json; charset=utf-8" };

test("a body with a length keeps it, a chunked body stays chunked", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url });
  await send(app.url, { method: "POST", headers: { "Content-Length": 5 } }, "12345");
  await send(app.url, { method: "POST", headers: { "Transfer-Encoding": "chunked" } }, "1234567");
  const [first, second] = downstream.received;
  assert.equal(first?.headers["content-length"], "5");
  assert.equal(first?.body.toString(), "12345");
  assert.equal(second?.headers["transfer-encoding"], "chunked");
  assert.equal(second?.headers["content-length"], undefined);
  assert.equal(second?.body.toString(), "1234567");
});

test("GET may have a body and POST may have none", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url });
  await send(app.url, { method: "GET", headers: { "Content-Length": 2 } }, "hi");
  await send(app.url, { method: "POST" });
  assert.equal(downstream.received[0]?.body.toString(), "hi");
  assert.equal(downstream.received[1]?.headers["content-length"], "0");
});

test("what a body parser consumed is sent again from req.body", async () => {
  await using downstream = await startDownstream();
  const cases: [value: (text: string) => unknown, type: string, sent: string, sentType: string][] = [
    [(text) => JSON.parse(text), "application/json", '{"a":"\u00e9"}', "application/json"],
    [(text) => JSON.parse(text), "application/vnd.x+json; charset=utf-8", "[1]", "application/vnd.x+json"],
    [(text) => text, "text/plain; charset=iso-8859-1", "plain", "text/plain; charset=utf-8"],
    [(text) => Buffer.from(text), "image/png", "bytes", "image/png"],
    [
      (text) => Object.fromEntries(new URLSearchParams(text)),
      "application/x-www-form-urlencoded",
      "a=1&b=x+y",
      "application/x-www-form-urlencoded",
    ],
  ];
  for (const [value, type, sent, sentType] of cases) {
    await using app = await serveProxy({ target: downstream.url }, parser(value));
    assert.equal(
      (await send(app.url, { method: "POST", headers: { "Content-Type": type, "Content-Encoding": "identity" } }, sent)).status,
      200,
    );
    const received = downstream.received.at(-1);
    assert.equal(received?.body.toString(), sent);
    assert.equal(received?.headers["content-type"], sentType);
    assert.equal(received?.headers["content-length"], String(Buffer.byteLength(sent)));
    assert.equal(received?.headers["content-encoding"], undefined);
  }
});

test("a consumed body that cannot be sent again is an error at once, not a hang", async () => {
  await using downstream = await startDownstream();
  await using nothingLeft = await serveProxy(
    { target: downstream.url },
    parser(() => undefined),
  );
  await using filesTaken = await serveProxy(
    { target: downstream.url },
    parser(() => ({ field: "1" })),
  );
  assert.equal((await send(nothingLeft.url, { method: "POST" }, "x")).status, 500);
  const multipart = { "Content-Type": "multipart/form-data; boundary=b" };
  assert.equal((await send(filesTaken.url, { method: "POST", headers: multipart }, "--b--")).status, 500);
  assert.equal(downstream.received.length, 0);
});

test("the body option replaces the body and everything that described it", async () => {
  await using downstream = await startDownstream();
  const contentType = "application/json";
  const bodies = ['{"q":"\u00e9"}', Buffer.from('{"q":"\u00e9"}'), Readable.from([Buffer.from('{"q":'), Buffer.from('"\u00e9"}')])];
  for (const body of bodies) {
    await using app = await serveProxy(
      { target: downstream.url, body: () => ({ contentType, body }) },
      parser(() => undefined),
    );
    const headers = { "Content-Type": "text/plain", "Content-Language": "fr", "Content-Length": 3 };
    await send(app.url, { method: "POST", headers }, "old");
    const received = downstream.received.at(-1);
    assert.equal(received?.body.toString(), '{"q":"\u00e9"}');
    assert.equal(received?.headers["content-type"], contentType);
    assert.equal(received?.headers["content-language"], undefined);
    assert.equal(received?.headers["content-length"], Readable.prototype.isPrototypeOf(body) ? undefined : "10");
  }
});

test("where the body option gives nothing the client's body is sent", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url, body: () => undefined });
  await send(app.url, { method: "POST", headers: json }, "{}");
  assert.equal(downstream.received[0]?.body.toString(), "{}");
});

test("a given stream that is destroyed with a problem aborts the upstream and becomes the response", async () => {
  await using downstream = await startDownstream();
  const body = new PassThrough();
  await using app = await serveProxy({ target: downstream.url, body: () => ({ contentType: "application/pdf", body }) });
  const responded = send(app.url, { method: "POST" });
  body.write(Buffer.alloc(1000));
  await eventually(() => downstream.received[0]?.body.length === 1000, "the first part arrives");
  body.destroy(new HttpProblem({ status: 413, type: "file-too-large", detail: "at most 1000 bytes" }));
  const response = await responded;
  assert.equal(response.status, 413);
  assert.match(response.body, /file-too-large/);
  await eventually(() => downstream.received[0]?.clientLeftAt !== undefined, "the target sees the connection close");
  assert.equal(downstream.received[0]?.complete, false);
});

test("a given stream that failed before the proxy ran, or ends too early, is an error and not a hang", async () => {
  await using downstream = await startDownstream();
  const failed = new PassThrough();
  failed.on("error", () => undefined).destroy(new HttpProblem({ status: 415, type: "unsupported-media-type" }));
  await eventually(() => failed.closed, "the stream is closed");
  await using app = await serveProxy({ target: downstream.url, body: () => ({ contentType: "a/b", body: failed }) });
  assert.equal((await send(app.url, { method: "POST" })).status, 415);

  const cut = new PassThrough();
  await using other = await serveProxy({ target: downstream.url, body: () => ({ contentType: "a/b", body: cut }) });
  const responded = send(other.url, { method: "POST" });
  cut.write("part");
  setImmediate(() => cut.destroy());
  assert.equal((await responded).status, 500);
});

test("a given stream is destroyed when the client leaves", async () => {
  await using downstream = await startDownstream();
  const body = new PassThrough();
  await using app = await serveProxy({ target: downstream.url, body: () => ({ contentType: "a/b", body }) });
  const client = await rawClient(app.port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  body.write("part");
  await eventually(() => downstream.received[0]?.body.length === 4, "the first part arrives");
  client.socket.destroy();
  await eventually(() => body.destroyed, "the stream is destroyed");
});
