import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { rawRequest, startDownstream } from "@aivillage/testing";
import * as fc from "fast-check";

import { requestTarget } from "../src/request/request-target.ts";
import { serveProxy } from "./support.ts";

const read = (url: string): string => requestTarget({ url } as IncomingMessage);
const refused = { name: "HttpProblem", status: 400, type: "malformed-target" };

test("targets that two servers may understand differently are refused", () => {
  const targets = [
    "",
    "*",
    "v1",
    "//evil.example/x",
    "http://evil.example/x",
    "/a b",
    "/a\r\nX: 1",
    "/a\0",
    "/a#b",
    "/\\evil",
    "/a\\..\\b",
    "/..",
    "/../etc",
    "/a/..",
    "/a/../b?x",
    "/a/%2e%2e/b",
    "/a/%2E./b",
    "/a/.%2e",
    "/a/..%2fb",
    "/a%2F..%2Fb",
    "/a/..%5cb",
    "/a/..;/b",
    "/a/..;x=1/b",
    "/a%00",
    "/a%0d%0aX:1",
  ];
  for (const target of targets) assert.throws(() => read(target), refused, JSON.stringify(target));
});

test("ordinary targets come through unchanged, whatever their query says", () => {
  const targets = [
    "/",
    "/?",
    "/a/b.c",
    "/a//b",
    "/.well-known/x",
    "/a/...",
    "/a/..b",
    "/a/b..",
    "/%20%C3%A9",
    "/x?to=../y&z=\\&n=%00",
    "/a;b=1",
  ];
  for (const target of targets) assert.equal(read(target), target);
});

test("the path is the one that the client sent, not what a mount left of it", () => {
  assert.equal(requestTarget({ url: "/chat", originalUrl: "/v1/chat?a" } as unknown as IncomingMessage), "/v1/chat?a");
});

test("whatever the bytes, a target is refused or forwarded unchanged, and never leaves its root", () => {
  const piece = fc.constantFrom("/", "..", ".", "%2e", "%2F", "%5C", "\\", ";", "?", "#", "a", "%", "\r\n", "\0", " ", "\u00e9", "//");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const target = pieces.join("");
      let forwarded: string;
      try {
        forwarded = read(target);
      } catch (error) {
        assert.equal((error as { status?: number }).status, 400);
        return;
      }
      assert.equal(forwarded, target);
      const url = new URL(target, "http://a");
      assert.equal(url.host, "a");
      const path = target.split("?", 1)[0] ?? "";
      const segments = path
        .replaceAll(/%([\da-f]{2})/gi, (_encoded, hex: string) => String.fromCharCode(Number(`0x${hex}`)))
        .split(/[/\\]/);
      assert.ok(!segments.includes(".."));
    }),
    { numRuns: 2_000 },
  );
});

test("on the wire a bad target gets 400 and nothing reaches the target", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url });
  for (const target of ["/a/../b", "//x/y", "http://127.0.0.1/x", "/a/%2e%2e/b", "/a\\b"]) {
    const response = await rawRequest(app.port, `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    assert.match(response, /^HTTP\/1\.1 400 /, target);
    assert.match(response, /malformed-target/, target);
  }
  assert.equal(downstream.received.length, 0);
});

test("a target with its own path does not depend on the path of the request", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ targets: [{ name: "a", url: downstream.url, path: "/query?v=2" }] });
  const response = await rawRequest(app.port, "GET /a/../b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(response, /^HTTP\/1\.1 200 /);
  assert.equal(downstream.received[0]?.url, "/query?v=2");
});

test("WebSocket upgrades and TRACE get 501, other upgrade offers are ignored", async () => {
  await using downstream = await startDownstream();
  await using app = await serveProxy({ target: downstream.url });
  const ask = (line: string, fields: string): Promise<string> => rawRequest(app.port, `${line} / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`);
  assert.match(await ask("GET", "Connection: Upgrade\r\nUpgrade: WebSocket\r\n"), /^HTTP\/1\.1 501 [^]*not-implemented/);
  assert.match(await ask("TRACE", "Connection: close\r\n"), /^HTTP\/1\.1 501 [^]*not-implemented/);
  assert.equal(downstream.received.length, 0);
  assert.match(
    await ask("GET", "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
    /^HTTP\/1\.1 200 /,
  );
});

test("a resolver gives another path, below the base path of the target, and no dangerous one", async () => {
  await using service = await startDownstream();
  const path = (req: IncomingMessage): string => `/internal${req.url ?? ""}`;
  await using proxy = await serveProxy({ target: `${service.url}/base`, path });
  assert.equal((await fetch(`${proxy.url}/notes/7?page=2`)).status, 200);
  assert.equal(service.received[0]?.url, "/base/internal/notes/7?page=2");
  assert.match(await rawRequest(proxy.port, "GET /a/..%2fb HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), /^HTTP\/1\.1 400 /);
  assert.equal(service.received.length, 1);
});

test("a resolver may remove a prefix down to nothing, and two slashes after it are the client's mistake", async () => {
  await using service = await startDownstream();
  const path = ({ url = "" }: IncomingMessage): string => url.replace(/^\/api/, "");
  await using proxy = await serveProxy({ target: service.url, path });
  for (const url of ["/api", "/api?x=1", "/api/", "/api/notes"]) assert.equal((await fetch(proxy.url + url)).status, 200);
  assert.deepEqual(
    service.received.map(({ url }) => url),
    ["/", "/?x=1", "/", "/notes"],
  );
  assert.equal((await fetch(`${proxy.url}/api//evil.example`)).status, 400);
});

test("a bad result of a resolver is an error of the server that names the option", () => {
  const req = { url: "/notes" } as IncomingMessage;
  for (const result of ["notes", "http://other.example/x", "/a b", "/a/../b", "/\\b", "/ä", "/\u0101"]) {
    assert.throws(() => requestTarget(req, () => result), { name: "TypeError", message: /the result of `path` cannot be requested\. It/ });
  }
});
