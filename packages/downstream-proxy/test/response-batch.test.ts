import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { eventually, listen, startDownstream } from "@aivillage/testing";

import { ResponseBatch } from "../src/response/response-batch.ts";
import { rawClient, send, serveProxy } from "./support.ts";

test("what waits goes out at the end of the turn, byte by byte as the text says", async () => {
  const responseBatch = new ResponseBatch(() => 1);
  await using app = await listen((_req, res) => {
    res.writeHead(200, { "Content-Length": 3 });
    responseBatch.end(res, "a\u00e9\u00ff");
  });
  const response = await fetch(app.url);
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [0x61, 0xe9, 0xff]);
});

test("while no other request is in progress a response is written at once", async () => {
  let inProgress = 0;
  const responseBatch = new ResponseBatch(() => inProgress);
  const ended: boolean[] = [];
  await using app = await listen((_req, res) => {
    res.writeHead(200, { "Content-Length": 1 });
    responseBatch.end(res, "x");
    ended.push(res.writableEnded);
  });
  assert.equal(await (await fetch(app.url)).text(), "x");
  inProgress = 1;
  assert.equal(await (await fetch(app.url)).text(), "x");
  assert.deepEqual(ended, [true, false]);
});

test("a flush does not wait, and leaves out whose client has gone", async () => {
  const responseBatch = new ResponseBatch(() => 1);
  const waiting: ServerResponse[] = [];
  await using app = await listen((_req, res) => void waiting.push(res));
  const left = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const stays = fetch(app.url);
  await eventually(() => waiting.length === 2, "both requests arrive");
  left.socket.destroy();
  await eventually(() => waiting.some(({ destroyed }) => destroyed), "one client has left");
  for (const res of waiting) responseBatch.end(res, "x");
  responseBatch.flush();
  assert.equal(waiting.filter(({ writableEnded }) => writableEnded).length, 1);
  assert.equal(await (await stays).text(), "x");
});

test("many responses at once all arrive, and close waits until they are written", async () => {
  await using downstream = await startDownstream((request) => ({ body: request.url }));
  await using app = await serveProxy({ target: downstream.url });
  const paths = Array.from({ length: 200 }, (_none, index) => `/${index}`);
  const responses = Promise.all(paths.map((path) => send(`${app.url}${path}`)));
  await eventually(() => downstream.received.length === paths.length, "all requests arrive");
  await app.proxy.close();
  assert.deepEqual(
    (await responses).map(({ body }) => body),
    paths,
  );
});
