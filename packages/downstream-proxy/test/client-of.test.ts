import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { networkOf, prepareClientOf } from "../src/clients/client-of.ts";

test("an IPv4 address is a client, in an IPv6 spelling too", () => {
  assert.equal(networkOf("192.0.2.1"), "192.0.2.1");
  assert.equal(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
});

test("all IPv6 addresses of one /56 network are one client, however they are spelled", () => {
  const own = [
    "2001:db8:1:ff00::1",
    "2001:db8:1:ff00:a:b:c:d",
    "2001:db8:1:ffff::",
    "2001:0DB8:0001:FF12::1",
    "2001:db8:1:ff00::192.0.2.1",
  ];
  assert.deepEqual([...new Set(own.map(networkOf))], ["2001:db8:1:ff00::/56"]);
  assert.notEqual(networkOf("2001:db8:1:fe00::1"), networkOf("2001:db8:1:ff00::1"));
});

test("short forms are read in full", () => {
  assert.equal(networkOf("::1"), "0:0:0:0::/56");
  assert.equal(networkOf("fe80::1%eth0"), "fe80:0:0:0::/56");
  assert.equal(networkOf("1:2:3::"), "1:2:3:0::/56");
});

test("what is no address is a client as it is", () => {
  assert.equal(networkOf("unix"), "unix");
  assert.equal(networkOf(""), "");
});

test("the option client comes first, then clientIp, then the socket", () => {
  const request = { socket: { remoteAddress: "192.0.2.9" } } as IncomingMessage;
  const clientIp = (): string => "2001:db8::1";
  assert.equal(prepareClientOf({ client: () => "alice", clientIp })(request), "alice");
  assert.equal(prepareClientOf({ client: () => undefined, clientIp })(request), "2001:db8:0:0::/56");
  assert.equal(prepareClientOf({ client: undefined, clientIp: () => undefined })(request), "192.0.2.9");
});
