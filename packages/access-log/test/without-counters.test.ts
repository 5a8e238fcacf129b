import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { compose, toListener } from "@aivillage/middleware";

import { accessLog, type AccessLogLine } from "../src/index.ts";

test("on HTTP/2, where requests share a connection, a line has no bytes instead of wrong ones", async (t) => {
  const { promise, resolve } = Promise.withResolvers<AccessLogLine>();
  const take = (line: object): void => resolve(line as AccessLogLine);
  const log = accessLog({ logger: { info: take, warn: take, error: take } });
  const listener = toListener(compose(log, (_req, res) => void res.end("ok")));
  const server = createServer((req, res) => listener(req as never, res as never));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => (session.destroy(), server.close()));
  const stream = session.request({ ":path": "/hello" });
  stream.resume();
  await once(stream, "end");
  const { status, path, request_bytes, response_bytes, outcome } = await promise;
  assert.deepEqual([status, path, outcome, request_bytes, response_bytes], [200, "/hello", "completed", undefined, undefined]);
});

test("on HTTP/2 a request that the client has cancelled is a 499, although Node finishes every response there", async (t) => {
  const { promise, resolve } = Promise.withResolvers<AccessLogLine>();
  const take = (line: object): void => resolve(line as AccessLogLine);
  const log = accessLog({ logger: { info: take, warn: take, error: take } });
  const listener = toListener(compose(log, (_req, res) => void res.write("the first half")));
  const server = createServer((req, res) => listener(req as never, res as never));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => (session.destroy(), server.close()));
  const stream = session.request({ ":path": "/" }).on("error", () => undefined);
  await once(stream, "data");
  stream.close(constants.NGHTTP2_CANCEL);
  const { status, outcome } = await promise;
  assert.deepEqual([status, outcome], [499, "aborted"]);
});

test("a request that a host makes within the process, on a socket without events, has a line too", () => {
  const lines: object[] = [];
  const take = (line: object): void => void lines.push(line);
  const socket = { bytesRead: 0, bytesWritten: 0, remoteAddress: "", destroyed: false };
  const req = Object.assign(new EventEmitter(), { method: "GET", url: "/api", httpVersionMajor: 1, headers: {}, socket });
  const response = {
    req,
    socket: null,
    statusCode: 200,
    writableFinished: false,
    writableEnded: false,
    headersSent: false,
    destroyed: false,
  };
  const res = Object.assign(new EventEmitter(), response);
  // As Nuxt does for `$fetch("/api")` on the server.
  accessLog({ logger: { info: take, warn: take, error: take } })(req as never as IncomingMessage, res as never as ServerResponse, () => {
    Object.assign(res, { writableEnded: true, writableFinished: true });
    res.emit("close");
    res.emit("finish");
  });
  const [line] = lines as { status?: number; outcome?: string }[];
  assert.deepEqual([lines.length, line?.status, line?.outcome], [1, 200, "completed"]);
});
