import assert from "node:assert/strict";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { connect } from "node:net";
import { describe, test, type TestContext } from "node:test";

import { bodyReader, continueOnRead } from "@aivillage/middleware";
import { eventually, listen, rawRequest } from "@aivillage/testing";

const maxBytes = 10;
const errors = {
  tooLarge: () => new Error("too large"),
  tooLate: () => new Error("too late"),
  alreadyRead: () => new Error("already read"),
};
const readBody = bodyReader({ maxBytes, timeoutMs: 60_000, ...errors });

/** Responds with what the reader called back with, and closes. */
function respond(req: IncomingMessage, res: ServerResponse, error: Error | undefined, body: Buffer): void {
  res.setHeader("Connection", "close").end(error === undefined ? `body ${body.toString()}` : `${error.message}, paused: ${req.isPaused()}`);
}

const echo: RequestListener = (req, res) => readBody(req, res, (error, body) => respond(req, res, error, body));

/** A server that leaves it to its handlers to ask for a body. */
async function serve(t: TestContext, listener: RequestListener): Promise<number> {
  const { server, port } = await listen(listener);
  server.on("checkContinue", listener);
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return port;
}

const post = (fields: string, body = ""): string => `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n\r\n${body}`;
const chunked = (...chunks: string[]): string =>
  post("Transfer-Encoding: chunked", [...chunks, ""].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join(""));

describe("bodyReader()", () => {
  test("collects a body of any framing, also none", async (t) => {
    const port = await serve(t, echo);
    assert.match(await rawRequest(port, post("Content-Length: 5", "hello")), /\r\n\r\nbody hello$/);
    assert.match(await rawRequest(port, chunked("he", "l", "lo")), /body hello/);
    assert.match(await rawRequest(port, chunked("0123456789")), /body 0123456789/);
    assert.match(await rawRequest(port, post("Content-Length: 0")), /body $/);
  });

  test("fails at the first byte beyond the limit, and leaves the rest to the error handler", async (t) => {
    const port = await serve(t, echo);
    assert.match(await rawRequest(port, chunked("01234", "56789", "!")), /too large, paused: true/);
  });

  test("fails at once for a declared length beyond the limit, without asking for the body", async (t) => {
    const port = await serve(t, echo);
    const text = await rawRequest(port, post("Content-Length: 11\r\nExpect: 100-continue"));
    assert.match(text, /^HTTP\/1\.1 200 [^]*too large, paused: false$/);
  });

  test("asks a client that waits for its body once", async (t) => {
    const port = await serve(t, echo);
    const text = await rawRequest(port, post("Content-Length: 5\r\nExpect: 100-continue", "hello"));
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [^]*body hello$/);
  });

  test("asks once also where the server asks when a body is read", async (t) => {
    const { server, port } = await listen(echo);
    t.after(() => server.close());
    server.on("checkContinue", (req: IncomingMessage, res: ServerResponse) => {
      continueOnRead(req, res);
      echo(req, res);
    });
    const text = await rawRequest(port, post("Content-Length: 5\r\nExpect: 100-continue", "hello"));
    assert.equal(text.split("100 Continue").length - 1, 1);
    assert.match(text, /body hello$/);
  });

  test("fails when the body does not arrive in time", async (t) => {
    const impatient = bodyReader({ maxBytes, timeoutMs: 30, ...errors });
    const port = await serve(t, (req, res) => impatient(req, res, (error, body) => respond(req, res, error, body)));
    assert.match(await rawRequest(port, post("Content-Length: 5", "he")), /too late, paused: true/);
  });

  test("fails for a body that somebody else has read", async (t) => {
    const port = await serve(t, (req, res) => void req.resume().once("end", () => echo(req, res)));
    assert.match(await rawRequest(port, post("Content-Length: 5", "hello")), /already read, paused: false/);
  });

  test("does not call back when the client leaves in the middle", async (t) => {
    let calls = 0;
    let request: IncomingMessage | undefined;
    const port = await serve(t, (req, res) => {
      request = req;
      readBody(req, res, () => (calls += 1));
    });
    const socket = connect(port, "127.0.0.1", () => socket.write(post("Content-Length: 5", "he")));
    t.after(() => socket.destroy());
    await eventually(() => request?.readableFlowing === true, "it reads");
    socket.destroy();
    await eventually(() => request?.closed === true, "the request is closed");
    assert.equal(calls, 0);
    assert.equal(request?.listenerCount("data"), 0);
  });
});
