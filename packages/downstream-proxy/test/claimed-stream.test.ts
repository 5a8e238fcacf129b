import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { test } from "node:test";

import { eventually, listen } from "@aivillage/testing";

import { downstreamProxy } from "../src/index.ts";

const type = "Content-Type: text/event-stream";
const heads = {
  "with a length": `HTTP/1.1 200 OK\r\n${type}\r\nContent-Length: 1000000\r\n\r\n`,
  "with an error status": `HTTP/1.1 404 Not Found\r\n${type}\r\n\r\n`,
};

for (const [name, head] of Object.entries(heads)) {
  test(`a response ${name} that only claims to be a stream is bounded by the response timeout`, async (t) => {
    const target = createServer((socket) => {
      const drip = setInterval(() => socket.write(":\n"), 20);
      socket.on("error", () => undefined).on("close", () => clearInterval(drip));
      socket.once("data", () => socket.write(head));
    }).listen(0, "127.0.0.1");
    await once(target, "listening");
    t.after(() => target.close());
    const address = target.address();
    assert.ok(typeof address === "object" && address !== null);
    const proxy = downstreamProxy({ target: `http://127.0.0.1:${address.port}`, responseTimeoutMs: 500 });
    t.after(() => proxy.close());
    await using server = await listen((req, res) => proxy(req, res, () => res.destroy()));
    const client = connect(server.port, "127.0.0.1").on("error", () => undefined);
    t.after(() => client.destroy());
    client.resume().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await eventually(() => client.destroyed || client.readableEnded, "the response is cut off");
  });
}
