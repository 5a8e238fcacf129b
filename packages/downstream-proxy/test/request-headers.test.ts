import assert from "node:assert/strict";
import { test } from "node:test";

import { rawRequest, startDownstream } from "@aivillage/testing";

import type { DownstreamProxyOptions } from "../src/index.ts";
import { rawServer, send, serveProxy } from "./support.ts";

/** What a target reads on its socket when a client sends these lines. */
async function headSentFor(lines: readonly string[], options: DownstreamProxyOptions = {}): Promise<string[]> {
  await using target = await rawServer((socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  await using app = await serveProxy({ target: target.url, ...options });
  const response = await rawRequest(
    app.port,
    ["GET /p HTTP/1.1", "Host: shop.example", "Connection: close", ...lines, "", ""].join("\r\n"),
  );
  assert.match(response, /^HTTP\/1\.1 200 /m);
  return target.text().split("\r\n\r\n", 1)[0]?.split("\r\n") ?? [];
}

const valuesOf = (head: readonly string[], name: string): string[] =>
  head.filter((line) => line.toLowerCase().startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim());

test("fields that concern one connection are not forwarded", async () => {
  const head = await headSentFor([
    "Connection: keep-alive, X-Secret-Hop , x-other-hop",
    "X-Secret-Hop: 1",
    "X-Other-Hop: 1",
    "Keep-Alive: timeout=5",
    "Proxy-Connection: keep-alive",
    "Proxy-Authorization: Basic eDp5",
    "Proxy-Authenticate: Basic",
    "TE: gzip;q=0.5",
    "Trailer: X-Sum",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAAQAAP__",
    "Expect: 100-continue",
    "X-Stays: 2",
  ]);
  const names = head.slice(1).map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
  assert.deepEqual(names.toSorted(), [
    "connection",
    "forwarded",
    "host",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-stays",
  ]);
  assert.deepEqual(valuesOf(head, "connection"), ["keep-alive"]);
});

test("a client cannot take our own fields away by naming them in Connection", async () => {
  const head = await headSentFor(["Connection: close, X-Forwarded-For, Via, X-Request-Id"], { headers: () => ({ "X-Request-Id": "r1" }) });
  assert.deepEqual(valuesOf(head, "x-forwarded-for"), ["127.0.0.1"]);
  assert.deepEqual(valuesOf(head, "x-request-id"), ["r1"]);
  assert.match(valuesOf(head, "via").join(), /^1\.1 aivillage-[\da-f]{8}$/);
});

test("of TE only trailers is passed on", async () => {
  assert.deepEqual(valuesOf(await headSentFor(["TE: gzip, trailers"]), "te"), ["trailers"]);
});

test("Host is the target's, and repeated fields keep their order and their case", async () => {
  const head = await headSentFor(["X-Tag: a", "X-Other: o", "X-Tag: b"]);
  assert.ok(valuesOf(head, "host")[0]?.startsWith("127.0.0.1:"));
  assert.deepEqual(
    head.filter((line) => line.startsWith("X-")),
    ["X-Tag: a", "X-Other: o", "X-Tag: b", ...head.filter((line) => line.startsWith("X-Forwarded"))],
  );
});

test("Via grows by one entry with the version that came in and the configured name", async () => {
  assert.deepEqual(valuesOf(await headSentFor(["Via: 1.0 edge"], { viaName: "village-7" }), "via"), ["1.0 edge, 1.1 village-7"]);
});

test("forged forwarding fields from a peer that is not trusted do not arrive", async () => {
  const head = await headSentFor([
    "X-Forwarded-For: 6.6.6.6",
    "x-forwarded-for: 7.7.7.7",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Port: 1",
    "X-Forwarded-Prefix: /evil",
    "X-Real-IP: 6.6.6.6",
    "Forwarded: for=6.6.6.6",
  ]);
  assert.ok(!head.join("\n").includes("6.6.6.6") && !head.join("\n").includes("evil"));
  assert.deepEqual(valuesOf(head, "x-forwarded-for"), ["127.0.0.1"]);
  assert.deepEqual(valuesOf(head, "x-forwarded-proto"), ["http"]);
  assert.deepEqual(valuesOf(head, "x-forwarded-host"), ["shop.example"]);
  assert.deepEqual(valuesOf(head, "x-forwarded-port"), []);
  assert.deepEqual(valuesOf(head, "forwarded"), ["for=127.0.0.1;host=shop.example;proto=http"]);
});

test("the address of the client can be given, IPv6 included", async () => {
  const head = await headSentFor([], { clientIp: () => "2001:db8::1" });
  assert.deepEqual(valuesOf(head, "x-forwarded-for"), ["2001:db8::1"]);
  assert.deepEqual(valuesOf(head, "forwarded"), ['for="[2001:db8::1]";host=shop.example;proto=http']);
});

test("credentials stay here unless they are to be forwarded", async () => {
  const credentials = ["Authorization: Bearer k", "Cookie: s=1"];
  const kept = await headSentFor(credentials);
  assert.deepEqual([...valuesOf(kept, "authorization"), ...valuesOf(kept, "cookie")], []);
  const sent = await headSentFor(credentials, { forwardAuthorization: true, forwardCookies: true });
  assert.deepEqual([...valuesOf(sent, "authorization"), ...valuesOf(sent, "cookie")], ["Bearer k", "s=1"]);
});

test("added fields win over the client's in any case, and undefined removes the client's", async () => {
  const head = await headSentFor(["X-User: admin", "x-trace: mine", "X-Trace: mine"], {
    headers: () => ({ "X-Trace": "ours", "x-user": undefined }),
  });
  assert.deepEqual(valuesOf(head, "x-trace"), ["ours"]);
  assert.deepEqual(valuesOf(head, "x-user"), []);
});

test("an added field with a line break is refused, not sent", async () => {
  await using target = await rawServer();
  await using app = await serveProxy({ target: target.url, headers: () => ({ "X-A": "1\r\nX-B: 2" }) });
  const response = await send(app.url);
  assert.equal(response.status, 500);
  assert.equal(target.text(), "");
});

test("a resolver that throws is an error of this request only", async () => {
  await using downstream = await startDownstream();
  let broken = true;
  const headers = (): Record<string, string> => {
    if (broken) throw new Error("no trace");
    return {};
  };
  await using app = await serveProxy({ target: downstream.url, headers });
  assert.equal((await send(app.url)).status, 500);
  broken = false;
  assert.equal((await send(app.url)).status, 200);
});

for (const name of [
  "Via",
  "X-Forwarded-Proto",
  "X-Forwarded-For",
  "x-forwarded-host",
  "Forwarded",
  "Content-Type",
  "Accept-Encoding",
  "TE",
]) {
  test(`a ${name} that the option \`headers\` gives replaces the client's and the proxy's own`, async () => {
    const head = await headSentFor(["TE: trailers", `${name}: theirs`, "Content-Length: 0"], {
      headers: () => ({ [name]: "ours" }),
      mergeJson: () => ({}),
    });
    assert.deepEqual(valuesOf(head, name.toLowerCase()), ["ours"]);
  });
}
