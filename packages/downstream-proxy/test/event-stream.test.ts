import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

import { eventually, startDownstream } from "@aivillage/testing";

import type { DownstreamProxyOptions } from "../src/index.ts";
import { rawClient, rawServer, send, serveProxy } from "./support.ts";

const heads = {
  events: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n",
  encoded: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n",
  lookalike: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream-archive\r\nConnection: close\r\n\r\n",
  text: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n",
};

const heartbeatMs = 30;

/**
 * What a client of HTTP/1.0, which has no chunks, reads while the target says this and is then silent, for some time and until at
 * least so many bytes have come on top.
 */
async function readWhileSilent(head: string, said: string, options: Partial<DownstreamProxyOptions> = { heartbeatMs }, leastBytes = 0) {
  await using target = await rawServer((socket) => void socket.write(head + said));
  await using app = await serveProxy({ target: target.url, ...options });
  const client = await rawClient(app.port, "GET / HTTP/1.0\r\n\r\n");
  const body = (): string => client.text().split("\r\n\r\n").slice(1).join("\r\n\r\n");
  await eventually(() => client.text().includes("\r\n\r\n") && body().length >= said.length, "what was said arrives");
  await delay(150);
  await eventually(() => body().length >= said.length + leastBytes, "what is added arrives");
  const read = body();
  target.sockets[0]?.end("data: last\n\n");
  await eventually(() => body().includes("data: last\n\n"), "the rest arrives");
  client.socket.destroy();
  return read;
}

test("while the target is silent between events, comments keep the connection alive", async () => {
  const comment = ":\n\n";
  const cases = ["", "data: 1\n\n", "data: 1\r\n\r\n", "data: 1\r\r", ": note\n\n"].map(async (said) => {
    const startedAt = performance.now();
    const read = await readWhileSilent(heads.events, said, { heartbeatMs }, 2 * comment.length);
    const most = (performance.now() - startedAt) / heartbeatMs;
    assert.ok(read.startsWith(said));
    const comments = read.slice(said.length);
    assert.match(comments, /^(?::\n\n){2,}$/, JSON.stringify(said));
    assert.ok(comments.length / comment.length <= most, `${comments.length / comment.length} of ${most}`);
  });
  await Promise.all(cases);
});

test("an event that is not complete is not broken by a comment", async () => {
  const cases = ["data: 1", "data: 1\n", "data: 1\r\n", "data: 1\r", "data: 1\n\ndata: 2\n"];
  assert.deepEqual(await Promise.all(cases.map((said) => readWhileSilent(heads.events, said))), cases);
});

test("nothing is added to what is encoded, no event stream, or not to be kept alive", async () => {
  assert.equal(await readWhileSilent(heads.encoded, "packed\n\n"), "packed\n\n");
  assert.equal(await readWhileSilent(heads.text, "1\n\n"), "1\n\n");
  assert.equal(await readWhileSilent(heads.lookalike, "1\n\n"), "1\n\n");
  assert.equal(await readWhileSilent(heads.events, "data: 1\n\n", {}), "data: 1\n\n");
});

test("comments do not hide a target that has fallen silent for too long", async () => {
  await using target = await rawServer((socket) => void socket.write(heads.events));
  await using app = await serveProxy({ target: target.url, heartbeatMs: 20, idleTimeoutMs: 300 });
  const response = await send(app.url);
  assert.match(response.body, /^(?::\n\n)+$/);
  assert.equal(response.complete, false);
});

test("Server-Timing reports the times up to the head on request, beside the target's own", async () => {
  await using downstream = await startDownstream({ headers: { "Server-Timing": "db;dur=5" }, delayMs: 30 });
  await using app = await serveProxy({ targets: [{ name: "twin", url: downstream.url }], serverTiming: true });
  const [first, second] = [await send(app.url), await send(app.url)];
  assert.match(
    String(first.headers["server-timing"]),
    /^db;dur=5, downstream;dur=\d+\.\d;desc="twin", downstream-queue;dur=\d+\.\d, downstream-connect;dur=\d+\.\d$/,
  );
  assert.match(String(second.headers["server-timing"]), /^db;dur=5, downstream;dur=\d+\.\d;desc="twin", downstream-queue;dur=\d+\.\d$/);
  assert.ok(Number(/downstream;dur=([\d.]+)/.exec(String(second.headers["server-timing"]))?.[1]) >= 25);
  await using plain = await serveProxy({ target: downstream.url });
  assert.equal((await send(plain.url)).headers["server-timing"], "db;dur=5");
});
