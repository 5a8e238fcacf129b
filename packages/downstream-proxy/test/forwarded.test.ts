import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { readForwarded, readXForwarded } from "../src/fields/forwarding-report.ts";
import type { DownstreamProxyOptions } from "../src/index.ts";
import { linesSentFor, valuesOf } from "./header-lines.ts";

const names = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"] as const;

async function sentFor(lines: readonly string[], options: DownstreamProxyOptions = { isFromTrustedProxy: () => true }) {
  const arrived = await linesSentFor(lines, options);
  return names.map((name) => valuesOf(arrived, name).join(" | "));
}

const ownAddress = "127.0.0.1";

test("the addresses of a trusted peer continue with its own, and the protocol and host of its client stay", async () => {
  const lines = ["X-Forwarded-For: 203.0.113.9, 2001:db8::7", "X-Forwarded-Proto: https", "X-Forwarded-Host: www.example:8443"];
  assert.deepEqual(await sentFor(lines), [
    `203.0.113.9, 2001:db8::7, ${ownAddress}`,
    "https",
    "www.example:8443",
    `for=203.0.113.9;host="www.example:8443";proto=https, for="[2001:db8::7]", for=${ownAddress}`,
  ]);
});

test("a service of somebody else learns nothing of the client and of the proxies before", async () => {
  const lines = ["X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9", "Via: 1.1 inner"];
  for (const isFromTrustedProxy of [() => true, () => false]) {
    const arrived = await linesSentFor(lines, { isFromTrustedProxy, sendForwarded: false });
    assert.deepEqual(
      [...names, "via"].flatMap((name) => valuesOf(arrived, name)),
      [],
    );
  }
});

test("the zone of an address is not forwarded", async () => {
  const options = { clientIp: () => "fe80::1%eth0" };
  const sent = await sentFor([], options);
  assert.equal(sent[3], 'for="[fe80::1]";host=shop.example;proto=http');
});

test("a Forwarded that a trusted peer lets through is not believed", async () => {
  const forged = 'Forwarded: for=6.6.6.6;host=evil.example;proto=http, for="_hidden"';
  assert.deepEqual(await sentFor(["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https", forged]), [
    `203.0.113.9, ${ownAddress}`,
    "https",
    "shop.example",
    `for=203.0.113.9;host=shop.example;proto=https, for=${ownAddress}`,
  ]);
});

test("where trusted peers use Forwarded, that counts and the others do not", async () => {
  const lines = [
    'Forwarded: for="[2001:db8::7]:4711";proto=https;host="www.example:8443"',
    "X-Forwarded-For: 6.6.6.6",
    "X-Forwarded-Proto: ws",
  ];
  assert.deepEqual(await sentFor(lines, { isFromTrustedProxy: () => true, forwardedHeader: "Forwarded" }), [
    `[2001:db8::7]:4711, ${ownAddress}`,
    "https",
    "www.example:8443",
    `for="[2001:db8::7]:4711";host="www.example:8443";proto=https, for=${ownAddress}`,
  ]);
});

test("a trusted peer that reports no address speaks for the client that is known", async () => {
  const options = { isFromTrustedProxy: () => true, clientIp: () => "198.51.100.4" };
  assert.deepEqual(await sentFor(["X-Forwarded-Proto: https"], options), [
    "198.51.100.4",
    "https",
    "shop.example",
    "for=198.51.100.4;host=shop.example;proto=https",
  ]);
});

test("what is not an address, a protocol or a host is not passed on", async () => {
  const lines = ['X-Forwarded-For: evil", for=1.2.3.4, _x, 203.0.113.9:99', "X-Forwarded-Proto: gopher", "X-Forwarded-Host: a/b"];
  assert.deepEqual(await sentFor(lines), [
    `unknown, unknown, unknown, 203.0.113.9:99, ${ownAddress}`,
    "http",
    "shop.example",
    `for=unknown;host=shop.example;proto=http, for=unknown, for=unknown, for="203.0.113.9:99", for=${ownAddress}`,
  ]);
});

test("of several protocols and hosts the last one, which the peer added, counts", async () => {
  const lines = [
    "X-Forwarded-For: 203.0.113.9",
    "X-Forwarded-Proto: wss, https",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Host: www.example",
  ];
  assert.deepEqual((await sentFor(lines)).slice(1, 3), ["https", "www.example"]);
});

test("both forms read the same, whatever a trusted peer sends", async () => {
  const piece = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom("unknown", "_a", '"', "\\", "for=1.1.1.1", "1.2.3.4:5", "[::1]:5", ";", "=", "a b"),
  );
  const value = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(", "));
  const lines = fc.record({ for: value, proto: fc.constantFrom("https", "x", 'ws"'), host: fc.constantFrom("a.b", "[::1]:8", 'a"b', "") });
  await fc.assert(
    fc.asyncProperty(lines, async (told) => {
      const sent = [`X-Forwarded-For: ${told.for}`, `X-Forwarded-Proto: ${told.proto}`, `X-Forwarded-Host: ${told.host}`];
      const [addresses = "", proto = "", host = "", forwarded = ""] = await sentFor(sent);
      const first = readXForwarded({ "x-forwarded-for": addresses, "x-forwarded-proto": proto, "x-forwarded-host": host });
      assert.deepEqual(readForwarded({ forwarded }), first);
    }),
    { numRuns: 40 },
  );
});
