import assert from "node:assert/strict";
import { once } from "node:events";
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
