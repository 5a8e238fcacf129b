import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { HttpProblem } from "@aivillage/middleware";
import { eventually, listen } from "@aivillage/testing";

import type { DownstreamProxyOptions, ResponseFilter } from "../src/index.ts";
import { rawClient, rawServer, send, serveProxy } from "./support.ts";

/** A filter that passes everything, and notes what it is told. */
function noting(notes: string[], more: Partial<ResponseFilter> = {}): ResponseFilter {
  return {
    changes: false,
    write: (chunk) => chunk,
    end(how, error) {
      notes.push(error instanceof Error ? `${how}: ${error.message}` : how);
      return Buffer.alloc(0);
    },
    ...more,
  };
}

const eventHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

test("a filter that changes nothing leaves every byte, the length and the validators", async () => {
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
  await using target = await listen((_req, res) => void res.writeHead(200, { "Content-Length": body.length, ETag: '"1"' }).end(body));
  const notes: string[] = [];
  await using app = await serveProxy({ target: target.url, filter: () => noting(notes) });
  const response = await fetch(app.url);
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), body);
  assert.equal(response.headers.get("content-length"), "300000");
  assert.equal(response.headers.get("etag"), '"1"');
  assert.deepEqual(notes, ["completed"]);
});

test("a filter that changes the response replaces, drops and adds bytes, without a length or validators of the old ones", async () => {
  await using target = await listen((_req, res) => void res.writeHead(200, { "Content-Length": 5, ETag: '"1"' }).end("hello"));
  const filter = (): ResponseFilter => ({
    changes: true,
    write: (chunk) => Buffer.from(chunk.toString().toUpperCase().replace("L", "")),
    end: () => Buffer.from("!"),
  });
  await using app = await serveProxy({ target: target.url, filter });
  const { body, headers, complete } = await send(app.url);
  assert.deepEqual([body, complete, headers["content-length"], headers.etag], ["HELO!", true, undefined, undefined]);
});

test("the filter is asked once for each response, with its status and headers, and may leave it alone", async () => {
  await using target = await listen((req, res) => void res.writeHead(req.url === "/404" ? 404 : 200, { "X-Kind": "a" }).end("body"));
  const seen: unknown[] = [];
  const filter: DownstreamProxyOptions["filter"] = ({ url }, { status, headers }) => void seen.push([url, status, headers["x-kind"]]);
  await using app = await serveProxy({ target: target.url, filter });
  assert.equal((await send(`${app.url}/404`)).body, "body");
  assert.equal((await send(`${app.url}/ok`)).body, "body");
  assert.deepEqual(seen, [
    ["/404", 404, "a"],
    ["/ok", 200, "a"],
  ]);
});

test("the target is asked for a response that a filter can read", async () => {
  await using target = await listen((req, res) => {
    const accepts = String(req.headers["accept-encoding"]);
    if (accepts.includes("gzip")) res.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync("packed"));
    else res.end(accepts);
  });
  await using app = await serveProxy({ target: target.url, filter: () => undefined });
  assert.equal(await (await fetch(app.url)).text(), "identity");
});

test("a response that breaks ends at once with the filter's last bytes, so that no client loses what came before", async () => {
  await using target = await rawServer((socket) =>
    socket.write(eventHead + chunked("data: 1\n\n"), () => setTimeout(() => socket.destroy(), 20)),
  );
  const filter = (): ResponseFilter => noting([], { end: (how, error) => Buffer.from(`data: ${how}, ${(error as Error).message}\n\n`) });
  await using app = await serveProxy({ target: target.url, filter });
  const { status, body, complete } = await send(app.url);
  assert.equal(status, 200);
  assert.match(body, /^data: 1\n\ndata: broken, .*broke off its response.*\n\n$/);
  assert.equal(complete, true);
});

test("a filter may refuse the end of a response, which is broken then", async () => {
  await using target = await listen((_req, res) => void res.writeHead(200, { "Content-Type": "text/event-stream" }).end("data: 1\n\n"));
  const filter = (last: string): ResponseFilter =>
    noting([], {
      end(how, error) {
        if (how === "completed") throw new Error("too short");
        return Buffer.from(last && `${last} ${(error as Error).message}`);
      },
    });
  await using told = await serveProxy({ target: target.url, filter: () => filter("broken:") });
  const { body, complete } = await send(told.url);
  assert.deepEqual([body, complete], ["data: 1\n\nbroken: too short", true]);
  await using cut = await serveProxy({ target: target.url, filter: () => filter("") });
  // The head may not be on its way yet.
  const seen = await send(cut.url).catch(() => ({ complete: false }));
  assert.equal(seen.complete, false);
});

test("an error that a filter throws while the head is held is the client's response, and one that follows it cuts the response", async () => {
  await using target = await rawServer((socket) => socket.write(`${eventHead}${chunked("data: 1\n\n")}`));
  const filter = (): ResponseFilter => {
    throws.opening = "pending";
    return throws;
  };
  const throws = {
    changes: false,
    opening: "pending" as "pending" | "content",
    write(chunk: Buffer): Buffer {
      if (chunk.includes("2") || this.opening === "pending") throw new HttpProblem({ status: 503, type: "about:blank", detail: "No." });
      return chunk;
    },
    end: (): Buffer => Buffer.alloc(0),
  };
  await using app = await serveProxy({ target: target.url, filter, firstEventTimeoutMs: 60_000 });
  assert.equal((await send(app.url)).status, 503);
  await using later = await serveProxy({
    target: target.url,
    filter: () => ({ ...throws, opening: "content" }),
    firstEventTimeoutMs: 60_000,
  });
  const begun = send(later.url, {}, undefined, () => target.sockets.at(-1)?.write(chunked("data: 2\n\n")));
  assert.deepEqual([(await begun).status, (await begun).complete], [200, false]);
  await eventually(() => target.sockets.every(({ destroyed }) => destroyed), "the target is told");
});

test("a broken response with a length gets no last bytes", async () => {
  await using target = await rawServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", () => setTimeout(() => socket.destroy(), 20));
  });
  await using app = await serveProxy({ target: target.url, filter: () => noting([], { end: () => Buffer.from("last bytes") }) });
  const { body, complete } = await send(app.url);
  assert.deepEqual([body, complete], ["half", false]);
});

test("a stream that is cut at a limit or by close() is reported as broken", async () => {
  await using target = await rawServer((socket) => socket.write(eventHead + chunked("data: 1\n\n")));
  for (const [options, expected] of [
    [{ maxStreamMs: 50 }, /^broken: .*stream/i],
    [{ idleTimeoutMs: 1_000 }, /^broken: /],
    [{}, /^broken: .*shutting down/],
  ] as const) {
    const notes: string[] = [];
    await using app = await serveProxy({ target: target.url, filter: () => noting(notes), ...options });
    const begun = send(app.url, {}, undefined, () => {
      if (Object.keys(options).length === 0) void app.proxy.close({ deadlineMs: 0 });
    });
    assert.equal((await begun).complete, false);
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? "", expected);
  }
});

test("a filter learns that the client has left", async () => {
  await using target = await rawServer((socket) => socket.write(eventHead + chunked("data: 1\n\n")));
  const notes: string[] = [];
  await using app = await serveProxy({ target: target.url, filter: () => noting(notes) });
  const client = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(() => client.text().includes("data: 1"), "the first event arrives");
  client.socket.destroy();
  await eventually(() => notes.length > 0, "the filter is told");
  assert.deepEqual(notes, ["client-left"]);
});

test("an error that a filter throws for a head is the server's, and ends nothing else", async () => {
  await using target = await listen((_req, res) => void res.end("body"));
  const filter: DownstreamProxyOptions["filter"] = ({ url }) => {
    if (url === "/bad") throw new Error("bad filter");
    return undefined;
  };
  await using app = await serveProxy({ target: target.url, filter });
  assert.equal((await send(`${app.url}/bad`)).status, 500);
  assert.equal((await send(app.url)).body, "body");
});

test("a client that reads slowly holds the target back through a filter too", async () => {
  let written = 0;
  await using target = await listen((_req, res) => {
    const more = (): void => {
      while (written < 50_000_000) {
        written += 65_536;
        if (!res.write(Buffer.alloc(65_536))) return void res.once("drain", more);
      }
      res.end();
    };
    more();
  });
  await using app = await serveProxy({ target: target.url, filter: () => noting([]) });
  const { socket } = await rawClient(app.port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  socket.pause();
  let before = -1;
  await eventually(() => {
    const stopped = written > 0 && written === before;
    before = written;
    return stopped;
  }, "the target is paused");
  assert.ok(written < 50_000_000);
  socket.resume();
  await once(socket, "close");
  assert.ok(written >= 50_000_000);
});

test("members are merged into what a filter has made of a JSON object", async () => {
  await using target = await listen((_req, res) => void res.writeHead(200, { "Content-Type": "application/json" }).end('{"a":1}'));
  const filter = (): ResponseFilter => noting([], { changes: true, write: (chunk) => Buffer.from(chunk.toString().replace("1", "12")) });
  await using app = await serveProxy({ target: target.url, filter, mergeJson: () => ({ b: 2 }) });
  assert.deepEqual(await (await fetch(app.url)).json(), { a: 12, b: 2 });
});
