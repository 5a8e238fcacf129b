import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { test } from "node:test";

import { rawRequest, eventually } from "@aivillage/testing";

import { downstreamAttempted, type DownstreamProxyOptions } from "../src/index.ts";
import { collect, rawClient, rawServer, send, serveProxy } from "./support.ts";

const refusal = "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large";

/** A target in a process of its own, which refuses every body unread, as many frameworks do. */
async function refusingTarget(): Promise<AsyncDisposable & { url: string }> {
  const child: ChildProcess = fork(new URL("refusing-target.ts", import.meta.url));
  const [port] = (await once(child, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      child.kill();
      await exited;
    },
  };
}

/** The responses to several uploads of the same size, one after another, with what the breaker thinks of the target. */
async function responsesTo(options: DownstreamProxyOptions, bytes: number, framing: Record<string, string>): Promise<unknown[]> {
  await using app = await serveProxy(options);
  const told: unknown[] = [];
  for (let round = 0; round < 6; round += 1) {
    const { status, body, complete } = await send(app.url, { method: "POST", headers: framing }, Buffer.alloc(bytes, "a"));
    told.push(`${status} ${body} ${complete}`);
  }
  return [...new Set(told), app.proxy.state()[0]?.breaker];
}

for (const bytes of [300_000, 2_000_000, 20_000_000]) {
  test(`a target that refuses ${bytes} bytes unread has its response passed on, whatever the framing`, async () => {
    await using target = await refusingTarget();
    const expected = ["413 too large true", "closed"];
    const { url } = target;
    assert.deepEqual(await responsesTo({ target: url }, bytes, { "Content-Length": String(bytes) }), expected);
    assert.deepEqual(await responsesTo({ target: url }, bytes, { "Transfer-Encoding": "chunked" }), expected);
    const body = (): { contentType: string; body: Buffer } => ({ contentType: "text/plain", body: Buffer.alloc(bytes) });
    assert.deepEqual(await responsesTo({ target: url, body }, bytes, { "Content-Length": String(bytes) }), expected);
  });
}

test("a response before a reset arrives whole, and counts as a response", async () => {
  const large = "b".repeat(50_000);
  for (const [response, body] of [
    [refusal, "too large"],
    [`HTTP/1.1 401 Unauthorized\r\nContent-Length: ${large.length}\r\n\r\n${large}`, large],
    ["HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\nno key", "no key"],
  ] as const) {
    await using target = await rawServer((socket) => {
      socket.pause();
      socket.write(response, () => socket.resetAndDestroy());
    });
    await using app = await serveProxy({ target: target.url });
    using attempts = collect(downstreamAttempted);
    const received = await send(app.url, { method: "POST" }, Buffer.alloc(4_000_000));
    assert.equal(received.body, body);
    assert.equal(received.complete, true);
    assert.equal(attempts[0]?.outcome, "client_error");
  }
});

test("a target that resets without a response is still a 502", async () => {
  await using target = await rawServer((socket) => void socket.resetAndDestroy());
  await using app = await serveProxy({ target: target.url });
  using attempts = collect(downstreamAttempted);
  assert.equal((await send(app.url, { method: "POST" }, Buffer.alloc(4_000_000))).status, 502);
  assert.equal(attempts[0]?.outcome, "reset");
});

test("after the whole response the rest of the body is not sent, and the next request gets a new connection", async () => {
  const response = "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nbig";
  const size = 64_000_000;
  for (const isHeld of [false, true]) {
    await using target = await rawServer((socket) => void socket.write(response));
    const body = (): { contentType: string; body: Buffer } => ({ contentType: "text/plain", body: Buffer.alloc(size) });
    await using app = await serveProxy({ target: target.url, connections: 1, ...(isHeld && { body }) });
    for (let round = 1; round <= 2; round += 1) {
      const received = await send(app.url, { method: "POST", headers: { "Content-Length": size } }, Buffer.alloc(size));
      assert.equal(received.body, "big");
      assert.equal(target.sockets.length, round);
    }
    await eventually(() => target.sockets.every(({ destroyed }) => destroyed), "the proxy closes the connections");
    assert.ok(target.text().length < size, "the target did not get everything");
  }
});

test("a client whose long body is refused gets Connection: close, and can read the response after it has sent everything", async () => {
  await using target = await rawServer((socket) => void socket.end(refusal));
  await using app = await serveProxy({ target: target.url });
  const size = 20_000_000;
  const sent = request(app.url, { method: "POST", headers: { "Content-Length": size }, agent: false });
  sent.write(Buffer.alloc(size));
  const [response] = (await once(sent, "response")) as [{ statusCode: number; headers: Record<string, string>; resume(): void }];
  assert.equal(response.statusCode, 413);
  assert.equal(response.headers["connection"], "close");
  response.resume();
  sent.on("error", () => undefined).destroy();

  const client = await rawClient(app.port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  client.socket.pause();
  await new Promise((resolve) => client.socket.write(Buffer.alloc(size), resolve));
  client.socket.resume();
  await eventually(() => client.socket.destroyed, "the connection is closed");
  assert.match(client.text(), /^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*\r\n\r\ntoo large$/is);
});

test("a client whose body is short keeps its connection", async () => {
  await using target = await rawServer((socket) => void socket.end(refusal));
  await using app = await serveProxy({ target: target.url });
  const upload = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${"a".repeat(100_000)}`;
  const responses = await rawRequest(app.port, upload + upload);
  assert.equal(responses.match(/HTTP\/1\.1 413 /g)?.length, 2);
});
