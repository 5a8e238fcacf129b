import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { test, type TestContext } from "node:test";

import { awaitsContinue, sendContinue } from "@aivillage/middleware";
import { listen, rawRequest } from "@aivillage/testing";

/** A server that leaves it to its handlers to ask for a body. */
async function serve(t: TestContext, listener: RequestListener): Promise<number> {
  const { server, port } = await listen(listener);
  server.on("checkContinue", listener);
  t.after(() => server.close());
  return port;
}

const post = (version: string, expect: string): string =>
  `POST / HTTP/${version}\r\nHost: a\r\n${expect}Content-Length: 0\r\nConnection: close\r\n\r\n`;
const waiting = "Expect: 100-continue\r\n";

test("a client that waits is asked for its body", async (t) => {
  const port = await serve(t, (req, res) => {
    sendContinue(req, res);
    res.end(String(awaitsContinue(req)));
  });
  assert.match(await rawRequest(port, post("1.1", waiting)), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [^]*true/);
});

test("a client that does not wait, or speaks HTTP/1.0, is not", async (t) => {
  const port = await serve(t, (req, res) => {
    sendContinue(req, res);
    res.end(String(awaitsContinue(req)));
  });
  for (const bytes of [post("1.1", ""), post("1.0", waiting)]) assert.match(await rawRequest(port, bytes), /^HTTP\/1\.1 200 [^]*false/);
});

test("nothing is written after the head of a response, or to a connection that is gone", async (t) => {
  const port = await serve(t, (req, res) => {
    res.writeHead(413).flushHeaders();
    sendContinue(req, res);
    res.end("no");
    res.destroy();
    sendContinue(req, res);
  });
  assert.doesNotMatch(await rawRequest(port, post("1.1", waiting)), /100 Continue/);
});

test("a server without checkContinue has asked by itself", async (t) => {
  const { server, port } = await listen((req, res) => {
    sendContinue(req, res);
    res.end(String(awaitsContinue(req)));
  });
  t.after(() => server.close());
  const response = await rawRequest(port, post("1.1", waiting));
  assert.equal(response.split("100 Continue").length - 1, 1);
  assert.match(response, /false$/);
});
