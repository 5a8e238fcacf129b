import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";

import { eventually, listen } from "@aivillage/testing";

import { downstreamAttempted, type DownstreamProxyOptions } from "../src/index.ts";
import { type ClientResponse, collect, rawClient, rawServer, send, serveProxy } from "./support.ts";

/** Writes a text, then pieces of it again and again until the connection is closed. */
function drip(socket: Socket, head: string, piece: string, everyMs = 20): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on("close", () => clearInterval(timer));
}

/** What a client receives from a target that goes on for ever. */
async function responseTo(
  head: string,
  piece: string,
  options: DownstreamProxyOptions,
): Promise<ClientResponse & { outcome: string | undefined }> {
  await using target = await rawServer((socket) => drip(socket, head, piece));
  await using app = await serveProxy({ targets: [{ name: "twin", url: target.url }], retries: false, ...options });
  using attempts = collect(downstreamAttempted);
  const response = await send(app.url);
  await eventually(() => target.sockets.every(({ destroyed }) => destroyed), "the target's connection is closed");
  return { ...response, outcome: attempts[0]?.outcome };
}

const jsonHead = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"a":"';

test("neither a dripping head nor informational responses extend the wait for the head", async () => {
  for (const [head, piece] of [
    ["HTTP/1.1 200 OK\r\n", "X: a\r\n"],
    ["", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"],
    ["", "HTTP/1.1 102 Processing\r\n\r\n"],
  ] as const) {
    const { status, body, outcome } = await responseTo(head, piece, { headersTimeoutMs: 200 });
    assert.equal(status, 504);
    assert.match(body, /The upstream service did not begin to respond within 200 ms\./);
    assert.equal(outcome, "timeout");
  }
});

test("a dripping body that is held to be merged is a 504 when the time for the response is over", async () => {
  const { status, body, outcome } = await responseTo(jsonHead, "x", { responseTimeoutMs: 200, mergeJson: () => ({ added: true }) });
  assert.equal(status, 504);
  assert.match(body, /The upstream service did not complete its response within 200 ms\./);
  assert.equal(outcome, "timeout");
});

test("a dripping body of which the client has the head is visibly incomplete", async () => {
  const chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const [head, piece] of [
    [jsonHead, "x"],
    [chunked, "1\r\nx\r\n"],
  ] as const) {
    const { status, complete, outcome } = await responseTo(head, piece, { responseTimeoutMs: 1_000 });
    assert.equal(status, 200);
    assert.equal(complete, false);
    assert.equal(outcome, "timeout");
  }
});

test("the time for the response bounds the wait for its head too", async () => {
  const { status, body } = await responseTo("", "", { responseTimeoutMs: 200 });
  assert.equal(status, 504);
  assert.match(body, /did not begin to respond within 200 ms/);
});

test("a refusal that drips while the body is still being sent is bounded as well", async () => {
  await using target = await rawServer((socket) => {
    socket.pause();
    drip(socket, "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 100000\r\n\r\n", "x");
  });
  await using app = await serveProxy({ target: target.url, responseTimeoutMs: 1_000 });
  const client = await rawClient(app.port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
  client.socket.write(Buffer.alloc(20_000_000));
  await eventually(() => client.socket.destroyed, "the client's connection is cut");
  assert.match(client.text(), /^HTTP\/1\.1 413 /);
});

test("a target that takes nothing of the body for so long is a 504, whatever informational responses it sends", async () => {
  await using target = await rawServer((socket) => {
    socket.pause();
    drip(socket, "", "HTTP/1.1 102 Processing\r\n\r\n");
  });
  await using app = await serveProxy({ target: target.url, headersTimeoutMs: 300 });
  assert.equal((await send(app.url, { method: "POST" }, Buffer.alloc(20_000_000))).status, 504);
});

test("a client that is slow to send its body uses up no time of the target", async () => {
  await using target = await rawServer((socket) => {
    socket.on("data", (chunk) => {
      if (chunk.includes("end")) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  await using app = await serveProxy({ target: target.url, headersTimeoutMs: 2_000, responseTimeoutMs: 2_000 });
  const client = await rawClient(app.port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nbegin");
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  client.socket.write("end");
  await eventually(() => client.text().endsWith("ok"), "the response arrives");
  client.socket.destroy();
});

test("time stands still while the client does not take the response, and then goes on", async () => {
  const size = 12_000_000;
  await using target = await rawServer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    socket.write(Buffer.alloc(size));
  });
  await using app = await serveProxy({ target: target.url, responseTimeoutMs: 5_000 });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  client.socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  let received = 0;
  client.socket.on("data", (chunk) => (received += chunk.length)).resume();
  await once(client.socket, "close");
  assert.ok(received > size, `${received} bytes arrived`);
});

test("without responseTimeoutMs a client that takes the response late leaves no timer that fires again and again", async (t) => {
  await using target = await listen((req, res) => {
    if (req.url === "/large") res.writeHead(200, { "Content-Type": "application/octet-stream" }).end(Buffer.alloc(60_000_000));
  });
  await using app = await serveProxy({ target: target.url, headersTimeoutMs: 200 });
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  const beginLarge = async (): ReturnType<typeof rawClient> => {
    const large = await rawClient(app.port, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    large.socket.once("data", () => large.socket.pause());
    if ((await eventually(() => large.text(), "a response begins")).startsWith("HTTP/1.1 200")) return large;
    // On a busy machine even this one may be late.
    large.socket.destroy();
    return beginLarge();
  };
  const client = await beginLarge();
  // This one is sent after the large one, so when its time is up, that of the large one is too.
  assert.equal((await send(`${app.url}/hang`)).status, 504);
  let received = 0;
  await new Promise<void>((resolve) => {
    client.socket.on("data", (chunk) => {
      received += chunk.length;
      if (received > 12_000_000) resolve(void client.socket.pause());
    });
    client.socket.resume();
  });
  for (let request = 0; request < 2; request += 1) assert.equal((await send(`${app.url}/hang`)).status, 504);
  client.socket.destroy();
  assert.deepEqual(warnings, []);
});

test("streams are not bounded by the time for a response", async () => {
  const types = [
    "text/event-stream; charset=utf-8",
    "application/x-ndjson",
    "application/jsonl",
    "application/json-seq",
    "application/grpc+proto",
  ];
  await Promise.all(
    types.map(async (type) => {
      await using target = await rawServer((socket) => {
        drip(socket, `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`, "1\r\nx\r\n");
        setTimeout(() => socket.end("0\r\n\r\n"), 2_000);
      });
      await using app = await serveProxy({ target: target.url, responseTimeoutMs: 1_000, totalTimeoutMs: 1_000 });
      assert.equal((await send(app.url)).complete, true, type);
    }),
  );
});

test("a stream is cut when it lasts longer than maxStreamMs, and that is no failure of the target", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  const { status, complete, outcome } = await responseTo(head, "3\r\n:\n\n\r\n", { maxStreamMs: 200 });
  assert.equal(status, 200);
  assert.equal(complete, false);
  assert.equal(outcome, "cancelled");
});
