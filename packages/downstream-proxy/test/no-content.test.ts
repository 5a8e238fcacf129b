import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { toListener } from "@aivillage/middleware";
import { startDownstream } from "@aivillage/testing";

import { downstreamProxy } from "../src/index.ts";
import { sendProblem, rawServer, send, serveProxy } from "./support.ts";

for (const [method, head] of [
  ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"],
  ["HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["HEAD", "HTTP/1.1 404 Not Found\r\nContent-Type: text/event-stream\r\n\r\n"],
  ["DELETE", "HTTP/1.1 204 No Content\r\n\r\n"],
  ["GET", 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'],
] as const) {
  test(`${method} passes a server that allows no write without content: ${head.trim().replaceAll("\r\n", ", ")}`, async (t) => {
    await using target = await rawServer((socket) => void socket.write(head));
    const proxy = downstreamProxy({ target: target.url, heartbeatMs: 5 });
    const server = createServer({ rejectNonStandardBodyWrites: true }, toListener(proxy, sendProblem)).listen(0, "127.0.0.1");
    t.after(() => {
      server.closeAllConnections();
      server.close();
      return proxy.close({ deadlineMs: 0 });
    });
    await once(server, "listening");
    const { status, body, complete } = await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { method });
    assert.deepEqual([status, body, complete], [Number(head.slice(9, 12)), "", true]);
  });
}

test("HEAD has no length and validators of a content that GET gets with more members", async () => {
  const validators = { ETag: '"1"', "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT" };
  await using downstream = await startDownstream({ body: { a: 1 }, headers: validators });
  await using app = await serveProxy({ target: downstream.url, mergeJson: () => ({ b: 2 }) });
  const { headers: ofGet, body } = await send(app.url);
  assert.deepEqual([body, ofGet["content-length"], ofGet.etag], ['{"a":1,"b":2}', "13", undefined]);
  const { headers } = await send(app.url, { method: "HEAD" });
  assert.deepEqual([headers["content-type"], headers["content-length"], headers.etag], ["application/json", undefined, undefined]);
  assert.equal(headers["last-modified"], undefined);
});
