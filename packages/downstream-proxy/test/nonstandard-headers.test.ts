import assert from "node:assert/strict";
import { test } from "node:test";

import { rawRequest } from "@aivillage/testing";
import * as fc from "fast-check";

import { downstreamProxy, type DownstreamProxyOptions } from "../src/index.ts";
import { rawServer, serveProxy } from "./support.ts";
import { ask, raw101, serveUpgrades } from "./upgrade-requests.ts";

/** What a CGI or WSGI service makes of a request's fields: `-`, and all else that no variable can have, becomes `_`. */
type Environ = Readonly<Record<string, string>>;

function environOf(request: string): Environ {
  const lines = request.split("\r\n\r\n", 1)[0]?.split("\r\n").slice(1) ?? [];
  const environ: Record<string, string> = {};
  for (const line of lines) {
    const [name = "", value = ""] = line.split(/:\s*(.*)/s, 2);
    const key = `HTTP_${name.toUpperCase().replace(/[^A-Z\d]/g, "_")}`;
    environ[key] = environ[key] === undefined ? value : `${environ[key]},${value}`;
  }
  return environ;
}

const request = (fields: readonly string[]) =>
  ["GET /p HTTP/1.1", "Host: shop.example", "Connection: close", ...fields, "", ""].join("\r\n");

async function sentFor(fields: readonly string[], options: DownstreamProxyOptions = {}): Promise<Environ> {
  await using target = await rawServer((socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  await using app = await serveProxy({ target: target.url, ...options });
  assert.match(await rawRequest(app.port, request(fields)), /^HTTP\/1\.1 200 /);
  return environOf(target.text());
}

async function upgradedFor(fields: readonly string[], options: DownstreamProxyOptions = {}): Promise<Environ> {
  await using target = await raw101();
  await using app = await serveUpgrades({ target: target.url, upgradeIdleTimeoutMs: 50, ...options });
  assert.match(await rawRequest(app.port, ask(fields.map((field) => `${field}\r\n`).join(""))), /^HTTP\/1\.1 101 /);
  return environOf(target.text());
}

const ways = [sentFor, upgradedFor];

const forged = [
  "X_Forwarded_For: 6.6.6.6",
  "x_forwarded-for: 6.6.6.6",
  "X.Forwarded.For: 6.6.6.6",
  "X_FORWARDED_PROTO: forged",
  "X-Forwarded_Host: forged",
  "X~Forwarded~Port: forged",
  "X_Real_IP: 6.6.6.6",
  "X_Request_Id: forged",
  "X.User: forged",
  "Proxy_Authorization: forged",
];

const values = (environ: Environ): string => Object.values(environ).join("\n");

test("names that a CGI or WSGI service takes for others do not arrive, in requests and in upgrades", async () => {
  for (const sent of ways) {
    const environ = await sent(forged, { headers: () => ({ "x-request-id": "ours", "X-User": undefined }) });
    assert.doesNotMatch(values(environ), /forged|6\.6\.6\.6/, sent.name);
    assert.equal(environ["HTTP_X_FORWARDED_FOR"], "127.0.0.1");
    assert.equal(environ["HTTP_X_FORWARDED_PROTO"], "http");
    assert.equal(environ["HTTP_X_REQUEST_ID"], "ours");
    assert.deepEqual([environ["HTTP_X_REAL_IP"], environ["HTTP_X_USER"]], [undefined, undefined]);
  }
});

test("nonstandard names that stand for no known header do not arrive either, and all others do", async () => {
  for (const sent of ways) {
    const environ = await sent(["my_field: odd", "my.other: odd", "_: odd", "__proto__: odd", "X-Mine-2: plain"]);
    assert.doesNotMatch(values(environ), /odd/);
    assert.equal(environ["HTTP_X_MINE_2"], "plain");
  }
});

test("a client sets no proxy for what a service asks for", async () => {
  for (const sent of ways) {
    for (const forwardNonstandardHeaders of [false, true]) {
      const environ = await sent(["Proxy: http://6.6.6.6", "pRoXy: http://6.6.6.6"], { forwardNonstandardHeaders });
      assert.equal(environ["HTTP_PROXY"], undefined);
    }
  }
});

test("a trusted peer does not make them arrive", async () => {
  const environ = await sentFor(["X-Forwarded-For: 203.0.113.9", ...forged], { isFromTrustedProxy: () => true });
  assert.doesNotMatch(values(environ), /forged|6\.6\.6\.6/);
  assert.equal(environ["HTTP_X_FORWARDED_FOR"], "203.0.113.9, 127.0.0.1");
});

test("with forwardNonstandardHeaders they arrive, except those that stand for a header that the proxy writes or removes", async () => {
  const headers = () => ({ "x-request-id": "ours", "X-User": undefined });
  for (const sent of ways) {
    const environ = await sent([...forged, "my_field: 1", "my.other: 2"], { forwardNonstandardHeaders: true, headers });
    assert.doesNotMatch(values(environ), /forged|6\.6\.6\.6/, sent.name);
    assert.equal(environ["HTTP_X_FORWARDED_FOR"], "127.0.0.1");
    assert.equal(environ["HTTP_X_REQUEST_ID"], "ours");
    assert.deepEqual([environ["HTTP_MY_FIELD"], environ["HTTP_MY_OTHER"]], ["1", "2"]);
  }
});

test("no length, framing or description of a body comes in under an odd name", async () => {
  const environ = await sentFor(["Content_Length: 7", "Transfer_Encoding: chunked", "Content_Type: odd", "Content.Encoding: odd"], {
    forwardNonstandardHeaders: true,
    body: () => ({ contentType: "text/plain", body: "four" }),
  });
  assert.equal(environ["HTTP_CONTENT_LENGTH"], "4");
  assert.equal(environ["HTTP_TRANSFER_ENCODING"], undefined);
  assert.equal(environ["HTTP_CONTENT_TYPE"], "text/plain");
  assert.equal(environ["HTTP_CONTENT_ENCODING"], undefined);
});

test("an odd name in Connection concerns one connection like any other", async () => {
  const environ = await sentFor(["Connection: close, my_hop", "My_Hop: 1", "my_field: 2"], { forwardNonstandardHeaders: true });
  assert.deepEqual([environ["HTTP_MY_HOP"], environ["HTTP_MY_FIELD"]], [undefined, "2"]);
});

test("an added field may have an odd name, and wins over the client's under any that is taken for it", async () => {
  for (const forwardNonstandardHeaders of [false, true]) {
    const environ = await sentFor(["X-User: forged", "X_User: forged", "x.user: forged"], {
      forwardNonstandardHeaders,
      headers: () => ({ X_User: "ours" }),
    });
    assert.equal(environ["HTTP_X_USER"], "ours");
  }
});

test("whatever the separators, a service reads one address, and it is ours", async () => {
  await using target = await rawServer((socket) => {
    const respond = (): void => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    respond();
    socket.on("data", respond);
  });
  const separator = fc.constantFrom(..."!#$%&'*+.^_`|~-".split(""));
  for (const forwardNonstandardHeaders of [false, true]) {
    await using app = await serveProxy({ target: target.url, forwardNonstandardHeaders });
    const names = fc.tuple(separator, separator).map(([first, second]) => `X${first}Forwarded${second}For`);
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const before = target.text().length;
        await rawRequest(app.port, request([`${name}: 6.6.6.6`]));
        assert.equal(environOf(target.text().slice(before))["HTTP_X_FORWARDED_FOR"], "127.0.0.1");
      }),
      { numRuns: 60 },
    );
  }
});

test("the option is true or false", () => {
  assert.throws(() => downstreamProxy({ target: "http://127.0.0.1:1", forwardNonstandardHeaders: "yes" as unknown as boolean }), {
    name: "TypeError",
    message: /option `forwardNonstandardHeaders` must be true or false, got 'yes'/,
  });
});
