import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, RequestListener } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { describe, test } from "node:test";

import { httpServer, type HttpServerOptions, LeanResponse, recordHeaders } from "@aivillage/http-server";
import type { Handler } from "@aivillage/middleware";
import { eventually, forEachHost, rawRequest } from "@aivillage/testing";

import { get, open, serve } from "./support.ts";

const hello: Handler = (_req, res) => {
  res.setHeader("Content-Type", "text/plain");
  res.end("hello");
};

forEachHost((host) => {
  test("serves an app, refuses a malformed head, and reads a body after 100 Continue", async (t) => {
    const echo: Handler = (req, res, next) => {
      if (req.method === "GET") next();
      else req.pipe(res);
    };
    const { port, url } = await serve(t, host.listener([echo, hello]));
    assert.equal(await (await fetch(url)).text(), "hello");
    assert.match(await rawRequest(port, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), /^HTTP\/1\.1 400 [^]*application\/problem\+json/);
    const client = open(t, port, "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    await eventually(() => client.received() === "HTTP/1.1 100 Continue\r\n\r\n", "the server asks for the body", {
      state: client.received,
    });
    client.socket.write("body");
    await client.closed;
    assert.match(client.received(), /HTTP\/1\.1 200 OK\r\n[^]*body/);
    assert.equal(client.received().split("100 Continue").length, 2);
  });
});

describe("what is not an HTTP request", () => {
  const cases = [
    ["nonsense", "\x16\x03\x01\x02\x00\x01", 400],
    ["a head that is too large", get("", `X: ${"x".repeat(20_000)}\r\n`), 431],
    ["a tunnel without a host", "CONNECT example.org:443 HTTP/1.1\r\n\r\n", 400],
    ["a tunnel with an unknown coding", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400],
    ["a tunnel", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", 405],
  ] as const;
  for (const [name, bytes, status] of cases) {
    test(`is refused with a problem document that carries the given headers and type URI: ${name}`, async (t) => {
      const headers = { "X-Frame-Options": "DENY" };
      const { port } = await serve(t, hello as RequestListener, { headers, typeUri: "https://errors.example/{slug}" });
      const text = await rawRequest(port, bytes);
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
      for (const line of [
        "Content-Type: application/problem\\+json",
        "Connection: close",
        "X-Frame-Options: DENY",
        "X-Request-Id: [\\w-]{36}",
      ])
        assert.match(text, new RegExp(`^${line}\r$`, "m"));
      const problem = JSON.parse(text.split("\r\n\r\n")[1] ?? "") as { type: string };
      assert.match(problem.type, /^https:\/\/errors\.example\/|^about:blank$/);
    });
  }

  test("is reported as an event", async (t) => {
    const { port, dropped } = await serve(t, hello as RequestListener);
    await rawRequest(port, "nonsense\r\n\r\n");
    assert.deepEqual(dropped, ["malformed"]);
  });
});

describe("a request with Expect: 100-continue", () => {
  const expecting = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";

  test("is not asked for its body when it is refused", async (t) => {
    const { port } = await serve(t, (_req, res) => void res.writeHead(401, { Connection: "close" }).end("no"));
    assert.match(await rawRequest(port, expecting), /^HTTP\/1\.1 401 /);
  });

  test("is asked once when the handler asks itself", async (t) => {
    const { port } = await serve(t, (req, res) => {
      res.writeContinue();
      req.resume().on("end", () => res.end("done"));
    });
    const client = open(t, port, expecting);
    await eventually(() => client.received().includes("100 Continue"), "the server asks");
    client.socket.write("body");
    await eventually(() => client.received().endsWith("done"), "the response");
    assert.equal(client.received().split("100 Continue").length, 2);
  });
});

describe("a connection that changes its protocol", () => {
  const upgrade = get("", "Connection: Upgrade\r\nUpgrade: echo\r\n");

  test("belongs to the listener for `upgrade`, and is not idle", async (t) => {
    const { port, server, reached } = await serve(t, hello as RequestListener, {
      maxConnections: 1,
      checkIntervalMs: 20,
      stalledResponseMs: 20,
    });
    server.on("upgrade", (_req: IncomingMessage, socket: Duplex) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
      socket.pipe(socket);
    });
    const client = open(t, port, upgrade);
    await eventually(() => client.received().includes("101"), "the protocol changes");
    const second = connect(port, "127.0.0.1").on("error", () => undefined);
    await once(second, "close");
    assert.deepEqual(reached, ["address refused"]);
    client.socket.write("still here");
    await eventually(() => client.received().endsWith("still here"), "the echo");
  });

  test("is an ordinary request without such a listener", async (t) => {
    const { port } = await serve(t, hello as RequestListener);
    assert.match(await rawRequest(port, upgrade), /^HTTP\/1\.1 200 OK\r\n/);
  });
});

describe("options", () => {
  const listener: RequestListener = (_req, res) => void res.end();

  const bad: [name: string, options: unknown, message: RegExp][] = [
    ["an unknown option", { maxConnection: 1 }, /unknown option `maxConnection`/],
    ["no connections", { maxConnections: 0 }, /option `maxConnections` must be an integer, at least 1, got 0/],
    ["a fraction", { maxConnectionsPerAddress: 1.5 }, /option `maxConnectionsPerAddress` must be an integer, at least 1, got 1.5/],
    ["a list for `isTrustedPeer`", { isTrustedPeer: ["10.0.0.1"] }, /option `isTrustedPeer` must be a function/],
    [
      "less time for a request than for its head",
      { requestTimeoutMs: 10, headTimeoutMs: 20 },
      /option `requestTimeoutMs` must be 0 or at least `headTimeoutMs` \(20\), got 10/,
    ],
    ["a URI without a slug", { typeUri: "https://errors.example/" }, /option `typeUri` must be a URI with `\{slug\}` in it once/],
    ["headers that are no strings", { headers: { "X-One": 1 } }, /option `headers` must be an object of header values/],
  ];
  for (const [name, options, message] of bad) {
    test(`are refused: ${name}`, () => {
      assert.throws(() => httpServer(listener, options as HttpServerOptions), message);
    });
  }

  test("need a handler that is a function", () => {
    assert.throws(
      () => httpServer({} as RequestListener),
      /option `handler` must be a function \(of a Koa app: `app\.callback\(\)`\), got \{\}/,
    );
  });

  test("choose the class of the responses", async (t) => {
    const kinds: boolean[] = [];
    const note: RequestListener = (_req, res) => {
      kinds.push(res instanceof LeanResponse);
      res.end();
    };
    for (const options of [{}, { leanResponse: true }]) await fetch((await serve(t, note, options)).url);
    assert.deepEqual(kinds, [false, true]);
  });

  test("turn the limit for whole requests off with 0", () => {
    const server = httpServer(listener, { requestTimeoutMs: 0 });
    assert.equal(server.requestTimeout, 0);
    server.close();
  });
});

test("the headers that a handler sets can be recorded", () => {
  const handler: Handler = (req, res, next) => {
    res.setHeader("X-Origin", req.headers.origin ?? "none");
    res.setHeader("X-List", ["a", "b"]);
    next();
  };
  assert.deepEqual(recordHeaders(handler), { "x-origin": "none", "x-list": "a,b" });
  assert.deepEqual(recordHeaders(handler, { origin: "https://a.example" }), { "x-origin": "https://a.example", "x-list": "a,b" });
});
