import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { test } from "node:test";

import { deadUrl, eventually, startDownstream } from "@aivillage/testing";

import type { ReplacedBody } from "../src/index.ts";
import { rawServer, send, serveProxy } from "./support.ts";

const pieceBytes = 65_536;
const digestOf = (pieces: Iterable<Buffer>): string => {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
};

/** A body whose maker writes over each piece that comes back, as a pool of buffers does. */
class PooledBody implements ReplacedBody {
  readonly contentType = "application/octet-stream";
  readonly body: Readable;
  readonly digest: string;
  readonly returned: Buffer[] = [];
  readonly pieces: readonly Buffer[];

  constructor(count: number, bytes = pieceBytes) {
    this.pieces = Array.from({ length: count }, (_, index) => Buffer.alloc(bytes, (index % 251) + 1));
    this.digest = digestOf(this.pieces);
    this.body = Readable.from(this.pieces, { objectMode: false });
  }

  readonly release = (piece: Buffer): void => {
    this.returned.push(piece);
    piece.fill(0);
  };
}

/** Reads a little now and then, so that the system takes a piece only in parts, and answers with the digest of all. */
async function slowTarget(pauseMs: number) {
  const server = createServer({ highWaterMark: 16_384 }, (req: IncomingMessage, res) => {
    const hash = createHash("sha256");
    req.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      req.pause();
      setTimeout(() => req.resume(), pauseMs);
    });
    req.on("end", () => res.end(hash.digest("hex")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

test("the chunks of a stream are released in order, each once, and the target gets what they held before", async () => {
  await using downstream = await startDownstream();
  const pooled = new PooledBody(64);
  await using app = await serveProxy({ target: downstream.url, body: () => pooled });
  await send(app.url, { method: "POST" });
  assert.equal(digestOf([downstream.received[0]?.body ?? Buffer.alloc(0)]), pooled.digest);
  // The last ones may still have been on their way when the answer came.
  await eventually(() => pooled.returned.length > 48, "pieces come back");
  assert.deepEqual(pooled.returned, pooled.pieces.slice(0, pooled.returned.length));
});

test("a chunk that the system has taken only in part is not released before the rest is sent", async () => {
  await using target = await slowTarget(1);
  const pooled = new PooledBody(40, 1_048_576);
  await using app = await serveProxy({ target: target.url, body: () => pooled });
  const { status, body } = await send(app.url, { method: "POST" });
  assert.deepEqual([status, body], [200, pooled.digest]);
  await eventually(() => pooled.returned.length > 30, "pieces come back");
});

test("a target that takes nothing keeps what it has not taken", async () => {
  await using target = await rawServer((socket) => void socket.pause());
  const pooled = new PooledBody(64, 1_048_576);
  await using app = await serveProxy({ target: target.url, body: () => pooled, totalTimeoutMs: 500 });
  const { status } = await send(app.url, { method: "POST" });
  assert.equal(status, 504);
  const untouched = pooled.pieces.filter((piece) => piece[0] !== 0).length;
  assert.ok(untouched > 40, `only ${untouched} pieces were left alone`);
  assert.equal(untouched + pooled.returned.length, 64);
});

test("nothing comes back of a body that may have to be sent again", async () => {
  await using broken = await startDownstream({ status: 503 });
  await using second = await startDownstream();
  const pooled = new PooledBody(3);
  const targets = [
    { name: "first", url: broken.url },
    { name: "second", url: second.url },
  ];
  await using app = await serveProxy({ targets, fallbackOn: ["server_error"], body: () => pooled });
  const { status } = await send(app.url, { method: "POST" });
  assert.equal(status, 200);
  assert.equal(digestOf([second.received[0]?.body ?? Buffer.alloc(0)]), pooled.digest);
  assert.deepEqual(pooled.returned, []);
});

test("of a body that has grown too large to be sent again what is sent from then on comes back", async () => {
  await using downstream = await startDownstream();
  const pooled = new PooledBody(16);
  const targets = [
    { name: "first", url: downstream.url },
    { name: "second", url: await deadUrl() },
  ];
  await using app = await serveProxy({ targets, replayBodyBytes: 4 * pieceBytes, body: () => pooled });
  await send(app.url, { method: "POST" });
  assert.equal(digestOf([downstream.received[0]?.body ?? Buffer.alloc(0)]), pooled.digest);
  await eventually(() => pooled.returned.length > 8, "pieces come back");
  const [first = Buffer.alloc(0)] = pooled.returned;
  const start = pooled.pieces.indexOf(first);
  assert.deepEqual(pooled.returned, pooled.pieces.slice(start, start + pooled.returned.length));
});

test("after an early response the remaining chunks stay with the stream", async () => {
  await using target = await rawServer((socket) => void socket.end("HTTP/1.1 413 Too Much\r\nContent-Length: 0\r\n\r\n"));
  const pooled = new PooledBody(64, 1_048_576);
  await using app = await serveProxy({ target: target.url, body: () => pooled });
  const { status } = await send(app.url, { method: "POST" });
  assert.ok([413, 502].includes(status), String(status));
  await eventually(() => pooled.body.destroyed, "the stream is let go");
  assert.ok(pooled.returned.length < 64);
  assert.equal(pooled.pieces.filter((piece) => piece[0] !== 0).length, 64 - pooled.returned.length);
});
