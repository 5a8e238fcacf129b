import assert from "node:assert/strict";
import { test } from "node:test";

import { clientNetwork, type Handler } from "@aivillage/middleware";
import { forEachHost } from "@aivillage/testing";

import { ipKey, rateLimit } from "../src/index.ts";

const ok: Handler = (_req, res) => void res.end("ok");

test("IPv4 is the address, mapped or not", () => {
  assert.equal(ipKey("203.0.113.7"), "203.0.113.7");
  assert.equal(ipKey("::ffff:203.0.113.7"), "203.0.113.7");
  assert.equal(ipKey("::ffff:cb00:7107"), "203.0.113.7");
  assert.equal(ipKey("::FFFF:203.0.113.7"), "203.0.113.7");
});

test("IPv6 is the /56 network, however it is written", () => {
  const key = ipKey("2001:db8:1:2300::1");
  assert.equal(ipKey("2001:db8:1:23ff:ffff:ffff:ffff:ffff"), key);
  assert.equal(ipKey("2001:0DB8:0001:23AB::5"), key);
  assert.notEqual(ipKey("2001:db8:1:2400::1"), key);
  assert.notEqual(ipKey("2001:db8:1:22ff::1"), key);
  assert.equal(ipKey("::ffff:0:203.0.113.7"), ipKey("::ffff:0:203.0.113.8"), "translated, not mapped (RFC 2765)");
});

test("a port is cut off, so that a client is the same on every connection", () => {
  assert.equal(ipKey("203.0.113.7:50123"), "203.0.113.7");
  assert.equal(ipKey("[2001:db8:1:2300::1]:443"), ipKey("2001:db8:1:2300::2"));
  assert.equal(ipKey("[2001:db8:1:2300::1]"), ipKey("2001:db8:1:2300::2"));
  assert.equal(ipKey("[::ffff:203.0.113.7]:80"), "203.0.113.7");
  assert.equal(ipKey("203.0.113.7:port"), "203.0.113.7:port");
});

test("the memory of parsed addresses is bounded and forgetting changes no key", () => {
  const first = ipKey("2001:db8:ffff:100::1");
  const keys = new Set<string>();
  for (let customer = 0; customer < 3_000; customer += 1) keys.add(ipKey(`2001:db8:${customer.toString(16)}:100::1`));
  assert.equal(keys.size, 3_000);
  assert.equal(ipKey("2001:db8:ffff:100::1"), first);
});

test("a key is the text by which every package knows a client's network", () => {
  const addresses = [
    "203.0.113.7",
    "::ffff:cb00:7107",
    "::1",
    "::",
    "2001:db8::1",
    "2001:db8:1:23ff::",
    "1:2:3:4::",
    "64:ff9b::192.0.2.1",
    "fe80::1%eth0",
  ];
  for (const address of [...addresses, "::2:3:4:5:6:7:8", "::192.0.2.1", "unix", "10.0.0.1:80"])
    assert.equal(ipKey(address), clientNetwork(address), address);
});

test("clients without an address share a key", () => {
  assert.equal(ipKey(undefined), "unknown");
});

forEachHost((host) => {
  test("one /56 is one client, the next one is another", async () => {
    const clientIp = (req: { headers: Record<string, unknown> }): string => String(req.headers["x-test-address"]);
    await using app = await host.serve([rateLimit({ limit: 2, windowMs: 60_000, clientIp }), ok]);
    const send = async (address: string): Promise<number> => (await fetch(app.url, { headers: { "x-test-address": address } })).status;
    assert.equal(await send("2001:db8:1:2300::1"), 200);
    assert.equal(await send("2001:db8:1:23aa::2"), 200);
    assert.equal(await send("2001:db8:1:23ff::3"), 429);
    assert.equal(await send("2001:db8:1:2400::1"), 200);
  });
});
