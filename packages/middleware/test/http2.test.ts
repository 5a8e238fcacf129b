import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { eventually } from "@aivillage/testing";

import {
  bodyReader,
  compose,
  type Handler,
  hasClientLeft,
  HttpProblem,
  isResponseDelivered,
  onResponseClose,
  toListener,
} from "../src/index.ts";

/** The compatibility API of `node:http2` with a handler, a client, and what is known when each response has closed. */
async function serve(t: TestContext, handler: Handler) {
  const closed: { isDelivered: boolean; hasClientLeft: boolean }[] = [];
  const watch: Handler = (req, res, next) => {
    onResponseClose(res, () => closed.push({ isDelivered: isResponseDelivered(req, res), hasClientLeft: hasClientLeft(req, res) }));
    next();
  };
  // The requests of the compatibility API resemble those of `node:http`, but not for the compiler.
  const listener = toListener(compose(watch, handler)) as unknown as Parameters<typeof createServer>[1];
  const server = createServer({}, listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).on("error", () => undefined);
  t.after(() => (session.destroy(), server.close()));
  const end = async () => {
    await eventually(() => closed.length > 0, "the response closes");
    return closed[0];
  };
  return { session, end };
}

/** Sends a request, and returns the code with which its stream was closed. */
async function ask(session: ClientHttp2Session, method = "GET"): Promise<number | undefined> {
  const stream = session.request({ ":path": "/", ":method": method }).on("error", () => undefined);
  stream.resume().end();
  await new Promise((resolve) => stream.once("close", resolve));
  return stream.rstCode;
}

test("a response of HTTP/2 that fails after its head ends with an error, so that the client does not take it for complete", async (t) => {
  const { session, end } = await serve(t, (_req, res, next) => void res.write("the first half", () => next(new Error("no second half"))));
  assert.equal(await ask(session), constants.NGHTTP2_INTERNAL_ERROR);
  assert.deepEqual(await end(), { isDelivered: false, hasClientLeft: false });
});

test("a response of HTTP/2 that its client cancels is not delivered", async (t) => {
  const { session, end } = await serve(t, (_req, res) => void res.write("the first half"));
  const stream = session.request({ ":path": "/" }).on("error", () => undefined);
  await once(stream, "data");
  stream.close(constants.NGHTTP2_CANCEL);
  assert.deepEqual(await end(), { isDelivered: false, hasClientLeft: true });
});

test("a response of HTTP/2 whose connection closes is not delivered", async (t) => {
  const { session, end } = await serve(t, (_req, res) => void res.write("the first half"));
  await once(session.request({ ":path": "/" }), "data");
  session.destroy();
  assert.deepEqual(await end(), { isDelivered: false, hasClientLeft: true });
});

test("a refused upload of HTTP/2 that goes on is stopped after its response, and the connection serves the next request", async (t) => {
  const { session } = await serve(t, (_req, _res, next) => next(new HttpProblem({ status: 413, headers: { Connection: "close" } })));
  const warnings: string[] = [];
  const note = ({ message }: Error): void => void warnings.push(message);
  process.on("warning", note);
  t.after(() => process.off("warning", note));
  const upload = session.request({ ":path": "/", ":method": "POST" }).on("error", () => undefined);
  upload.write("the beginning");
  const [head] = (await once(upload, "response")) as [{ ":status": number }];
  upload.resume();
  await new Promise((resolve) => upload.once("close", resolve));
  assert.deepEqual([head[":status"], upload.rstCode], [413, constants.NGHTTP2_NO_ERROR]);
  assert.equal(await ask(session), constants.NGHTTP2_NO_ERROR);
  assert.deepEqual(warnings, []);
});

for (const method of ["GET", "HEAD", "POST"]) {
  test(`a whole response of HTTP/2 to ${method} is delivered`, async (t) => {
    const { session, end } = await serve(t, (_req, res) => void res.end("whole"));
    assert.equal(await ask(session, method), constants.NGHTTP2_NO_ERROR);
    assert.equal((await end())?.isDelivered, true);
  });
}

for (const broken of ["stream", "connection"] as const) {
  test(`a body of HTTP/2 whose ${broken} its client breaks off is not read as a whole one`, async (t) => {
    const fail = () => new Error("not expected");
    const read = bodyReader({ maxBytes: 100, timeoutMs: 60_000, tooLarge: fail, tooLate: fail, alreadyRead: fail });
    const bodies: string[] = [];
    let hasEnded = false;
    const { session, end } = await serve(t, (req, res) => {
      read(req, res, (_error, body) => bodies.push(body.toString()));
      req.once("data", () => (broken === "stream" ? upload : session).destroy()).once("end", () => (hasEnded = true));
    });
    const upload = session.request({ ":path": "/", ":method": "POST" }).on("error", () => undefined);
    upload.write("the beginning");
    await end();
    await eventually(() => hasEnded, "Node ends the request");
    assert.deepEqual(bodies, []);
  });
}
