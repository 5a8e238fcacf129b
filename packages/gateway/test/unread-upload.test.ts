import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";

import { downstreamProxy } from "@aivillage/downstream-proxy";
import { toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { deadUrl, listen } from "@aivillage/testing";

test("a client that reads only after its whole upload receives a problem of the proxy", async () => {
  const proxy = downstreamProxy({ target: await deadUrl(), retries: false });
  await using app = await listen(toListener(proxy, problemDetails()));
  const socket = connect(app.port, "127.0.0.1").pause();
  const chunks: Buffer[] = [];
  socket.on("error", () => undefined).on("data", (chunk) => chunks.push(chunk));
  socket.pause();
  const size = 28_000_000;
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  await new Promise((resolve) => socket.write(Buffer.alloc(size), resolve));
  socket.resume();
  if (!socket.destroyed) await once(socket, "close");
  assert.match(Buffer.concat(chunks).toString("latin1"), /^HTTP\/1\.1 502 [^]*problem\+json[^]*"status":502/);
  await proxy.close();
});
