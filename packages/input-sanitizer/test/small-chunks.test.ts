// Needs its own process: measures the memory of the process.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { test } from "node:test";

import type { Handler } from "@aivillage/middleware";
import { eventually, liveBytes } from "@aivillage/testing";

import { sanitizeInput } from "../src/index.ts";
import { anything, asJson, bare, echoInput } from "./problem-app.ts";

const count = 250_000;
const mostBytes = 16 * 1_048_576;

test("a body that comes byte by byte costs memory by its bytes, not by its chunks", async (t) => {
  let receiving: Socket | undefined;
  const watch: Handler = (req, _res, next) => {
    receiving = req.socket;
    next();
  };
  await using app = await bare.serve([watch, sanitizeInput({ body: anything, limits: { bodyBytes: 2 * count } }), echoInput], asJson);
  const chunks = Buffer.from("1\r\n \r\n".repeat(count));
  const client = connect(app.port, "127.0.0.1");
  t.after(() => client.destroy());
  await once(client, "connect");
  const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
  client.write(head);
  await eventually(() => receiving !== undefined, "the request arrives");
  const before = liveBytes();
  client.write(chunks);
  await eventually(() => (receiving?.bytesRead ?? 0) === head.length + chunks.length, "all pieces arrive");
  const growth = liveBytes() - before;
  assert.ok(growth < mostBytes, `${growth} bytes more`);
  client.end("1\r\n7\r\n0\r\n\r\n");
  let response = "";
  for await (const piece of client) response += String(piece);
  assert.match(response, /^HTTP\/1\.1 200 /);
  assert.match(response, /"body":7/);
});
