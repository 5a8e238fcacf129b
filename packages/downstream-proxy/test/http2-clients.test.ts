import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect, constants, createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { compose, type Handler, type Next, toListener } from "@aivillage/middleware";
import { eventually, startDownstream } from "@aivillage/testing";

import { downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";
import { sendProblem, rawServer } from "./support.ts";

/** A client of a server of HTTP/2 with handlers before the proxy. */
async function clientOf(t: TestContext, options: DownstreamProxyOptions, ...before: Handler[]): Promise<ClientHttp2Session> {
  const proxy = downstreamProxy({ retries: false, ...options });
  // The requests of the compatibility API resemble those of `node:http`, but not for the compiler.
  const listener = toListener(compose(...before, proxy), sendProblem) as unknown as (...args: unknown[]) => void;
  const server = createServer({}, listener).on("checkContinue", listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    session.destroy();
    server.close();
    return proxy.close({ deadlineMs: 0 });
  });
  return session;
}

const done = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone";

test("cookies in several headers reach the target in one, and stay away without forwardCookies", async (t) => {
  for (const forwardCookies of [true, false]) {
    await using target = await rawServer((socket) => void socket.write(done));
    const session = await clientOf(t, { target: target.url, forwardCookies });
    const stream = session.request({ ":path": "/", "x-note": "cookie", cookie: ["a=1", "b=2", "c=3"] });
    await once(stream.resume(), "close");
    assert.deepEqual(target.text().match(/^cookie:.*$/gim), forwardCookies ? ["cookie: a=1; b=2; c=3"] : null);
    assert.match(target.text(), /^x-note: cookie$/m);
  }
});

test("103 Early Hints reach the client", async (t) => {
  await using target = await rawServer(
    (socket) => void socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style\r\n\r\n${done}`),
  );
  const session = await clientOf(t, { target: target.url });
  const stream = session.request({ ":path": "/" });
  const [hints] = (await once(stream, "headers")) as [Record<string, unknown>];
  assert.deepEqual([hints[":status"], hints["link"]], [103, "</a.css>; rel=preload; as=style"]);
  await once(stream.resume(), "close");
});

test("a client that waits with Expect: 100-continue is asked for its body", async (t) => {
  await using downstream = await startDownstream();
  const session = await clientOf(t, { target: downstream.url });
  const stream = session.request({ ":path": "/", ":method": "POST", expect: "100-continue" });
  await once(stream, "continue");
  await once(stream.end("body").resume(), "close");
  assert.equal(downstream.received[0]?.body.toString(), "body");
});

test("a client that leaves while earlier handlers run causes no request", async (t) => {
  await using downstream = await startDownstream();
  const waiting: Next[] = [];
  const session = await clientOf(t, { target: downstream.url }, (req, _res, next) => {
    if (req.url === "/leaves") waiting.push(next);
    else next();
  });
  const stream = session.request({ ":path": "/leaves" }).on("error", () => undefined);
  await eventually(() => waiting.length === 1, "the request arrives");
  stream.close(constants.NGHTTP2_CANCEL);
  await once(session.request({ ":path": "/first" }).resume(), "close");
  waiting[0]?.();
  await once(session.request({ ":path": "/second" }).resume(), "close");
  assert.deepEqual(
    downstream.received.map(({ url }) => url),
    ["/first", "/second"],
  );
});
