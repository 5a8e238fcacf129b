import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request, type RequestListener } from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { test } from "node:test";

import { bodyReader, replayBody } from "@aivillage/middleware";
import { listen } from "@aivillage/testing";
import express from "express";

const fail = (): Error => new Error("not expected");
const readBody = bodyReader({ maxBytes: 10_000_000, timeoutMs: 60_000, tooLarge: fail, tooLate: fail, alreadyRead: fail });

/** Reads the body, and then runs a listener that reads it too. */
const afterReading =
  (listener: RequestListener, change = (body: Buffer) => body): RequestListener =>
  (req, res) =>
    readBody(req, res, (_error, body) => replayBody(req, change(body), () => listener(req, res)));

const echo =
  (read: (req: IncomingMessage) => Promise<string>): RequestListener =>
  (req, res) =>
    void read(req).then(
      (body) => res.end(body),
      (error: unknown) => res.writeHead(500).end(String(error)),
    );

async function post(url: string, body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}): Promise<string> {
  return (await fetch(url, { method: "POST", body, headers, duplex: "half" })).text();
}

const readers: Readonly<Record<string, (req: IncomingMessage) => Promise<string>>> = {
  "async iteration": (req) => text(req),
  "a web stream": (req) => new Response(Readable.toWeb(req) as ReadableStream).text(),
  "a pipe": (req) => text(req.pipe(new PassThrough())),
  "data events": async (req) => {
    let body = "";
    req.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    await once(req, "end");
    return body;
  },
};

for (const [name, read] of Object.entries(readers)) {
  test(`a body that has been read is read again, by ${name}`, async () => {
    await using app = await listen(afterReading(echo(read)));
    assert.equal(await post(app.url, "grüße"), "grüße");
    const large = "x".repeat(3_000_000);
    assert.equal((await post(app.url, large)).length, large.length);
    assert.equal(await post(app.url, Readable.toWeb(Readable.from(["in ", "chunks"])) as ReadableStream), "in chunks");
    assert.equal(await post(app.url, ""), "");
  });
}

test("a body parser finds the body, also a changed one of another length", async () => {
  const parse = express().use(express.json(), (req, res) => void res.json({ got: req.body as unknown }));
  await using app = await listen(afterReading(parse as RequestListener));
  await using changed = await listen(afterReading(parse as RequestListener, () => Buffer.from('{"long":"and changed"}')));
  const type = { "Content-Type": "application/json" };
  assert.equal(await post(app.url, '{"a":1}', type), '{"got":{"a":1}}');
  assert.equal(await post(changed.url, '{"a":1}', type), '{"got":{"long":"and changed"}}');
});

test("the request looks like one that nobody has read", async () => {
  const states: unknown[] = [];
  const note: RequestListener = (req, res) => {
    states.push(req.readableDidRead, req.readableEnded, req.destroyed, req.readable, req.complete, req.aborted);
    res.end();
  };
  await using app = await listen(afterReading(note));
  await post(app.url, "body");
  assert.deepEqual(states, [false, false, false, true, true, false]);
});

test("the connection serves the next request, whether the second reader reads or not", async () => {
  const ports = new Set<number | undefined>();
  let reads = true;
  const listener: RequestListener = (req, res) => {
    ports.add(req.socket.remotePort);
    if (reads) echo(text)(req, res);
    else res.end("unread");
    reads = !reads;
  };
  await using app = await listen(afterReading(listener));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const bodies: string[] = [];
  for (const body of ["one", "two", "three"]) {
    const sent = request(app.url, { method: "POST", agent }).end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    bodies.push(await text(response));
  }
  agent.destroy();
  assert.deepEqual([bodies, ports.size], [["one", "unread", "three"], 1]);
});

test("listeners of the first reading are not called again, those for errors stay", async () => {
  let ends = 0;
  const listener: RequestListener = (req, res) => {
    req.on("end", () => (ends += 1)).on("error", () => undefined);
    afterReading((again, response) => {
      again.resume().on("end", () => response.end(`${ends} ${again.listenerCount("error") > 0}`));
    })(req, res);
  };
  await using app = await listen(listener);
  assert.equal(await post(app.url, "body"), "1 true");
});

test("nothing goes on when the client has left in the meantime", async () => {
  let goesOn = false;
  const { promise: left, resolve } = Promise.withResolvers<void>();
  const listener: RequestListener = (req, res) =>
    readBody(req, res, (_error, body) => {
      replayBody(req, body, () => (goesOn = true));
      req.socket.destroy();
      setImmediate(resolve);
    });
  await using app = await listen(listener);
  await assert.rejects(post(app.url, "body"));
  await left;
  assert.equal(goesOn, false);
});

test("a body of HTTP/2 is read again", async (t) => {
  const server = http2.createServer(afterReading(echo(text)) as never).listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => (session.destroy(), server.close()));
  const stream = session.request({ ":method": "POST" }).end("body");
  assert.equal((await buffer(stream)).toString(), "body");
});

test("a body is read again under the fake timers of a test", async (t) => {
  t.mock.timers.enable({ apis: ["setImmediate"] });
  await using app = await listen(afterReading(echo((req) => text(req))));
  assert.equal(await post(app.url, "hello"), "hello");
});
