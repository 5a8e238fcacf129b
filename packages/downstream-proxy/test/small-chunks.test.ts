// Needs its own process: measures the memory of the process.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { eventually, listen, liveBytes } from "@aivillage/testing";

import { StreamedBody } from "../src/body/streamed-body.ts";
import { downstreamProxy } from "../src/index.ts";

const mostBytes = 64 * 1_048_576;

test("what is held of a body is a few chunks, however small those were that came", async () => {
  const count = 190_000;
  const source = new Readable({ read: () => undefined });
  const body = new StreamedBody(source, [], {
    replaced: false,
    replayBytes: 1_048_576,
    onFirstRead: undefined,
    release: undefined,
    maxBytes: 0,
  });
  const listener = { onBodyBroken: (error: Error) => assert.fail(error) };
  body.listen(listener);
  const openedOnce = body.open({ flushed: true });
  openedOnce.once("data", () => openedOnce.pause());
  for (let i = 0; i < count; i += 1) {
    source.push(Buffer.from([i & 0xff]));
    if (i % 1_000 === 0) await setImmediate();
  }
  source.push(null);
  openedOnce.resume();
  await once(openedOnce, "end");

  const sizes: number[] = [];
  const again = body.open({ flushed: true });
  again.on("data", (piece: Buffer) => void sizes.push(piece.length));
  await once(again, "end");
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    count,
  );
  assert.ok(sizes.length < 64, `${sizes.length} pieces`);
  body.close();
});

test("a response that is held for mergeJson and comes byte by byte costs memory by its bytes", async (t) => {
  const count = 500_000;
  const body = Buffer.from(`1\r\n{\r\n${"1\r\n \r\n".repeat(count)}`);
  let end: (() => void) | undefined;
  const target = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
      socket.write(body, () => (end = () => socket.end("1\r\n}\r\n0\r\n\r\n")));
    });
  }).listen(0, "127.0.0.1");
  await once(target, "listening");
  t.after(() => target.close());
  const address = target.address();
  assert.ok(typeof address === "object" && address !== null);
  const proxy = downstreamProxy({
    target: `http://127.0.0.1:${address.port}`,
    mergeJson: () => ({ merged: true }),
    mergeJsonBytes: 2 * count,
  });
  t.after(() => proxy.close());
  await using server = await listen((req, res) => proxy(req, res, () => res.destroy()));
  const before = liveBytes();
  const response = fetch(`http://127.0.0.1:${server.port}/`);
  await eventually(() => end !== undefined, "all pieces are sent");
  const growth = liveBytes() - before;
  assert.ok(growth < mostBytes, `${growth} bytes more`);
  end?.();
  assert.deepEqual(await (await response).json(), { merged: true });
});
