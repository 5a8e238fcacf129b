import assert from "node:assert/strict";
import { test } from "node:test";

import { canonicalAddress, clientNetwork, clientNetworks } from "@aivillage/middleware";
import * as fc from "fast-check";

test("an IPv4 address is a client, in any IPv6 spelling too", () => {
  for (const text of ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:192.0.2.1", "::ffff:c000:201", "::ffff:192.0.2.1%eth0"]) {
    assert.equal(clientNetwork(text), "192.0.2.1", text);
  }
});

test("an IPv4 address that a translator has put into IPv6 is the same client, and its neighbours are others", () => {
  for (const text of ["64:ff9b::192.0.2.1", "64:FF9B::c000:201", "[64:ff9b::c000:201]:443"])
    assert.equal(clientNetwork(text), "192.0.2.1", text);
  assert.equal(clientNetwork("64:ff9b::192.0.2.2"), "192.0.2.2");
  assert.equal(clientNetwork("64:ff9b::1:192.0.2.1"), "64:ff9b::/56");
  assert.equal(clientNetwork("64:ff9b:1::192.0.2.1"), "64:ff9b:1::/56");
});

test("all IPv6 addresses of one /56 network are one client, however they are spelt", () => {
  const own = [
    "2001:db8:1:ff00::1",
    "2001:db8:1:ffff::",
    "2001:0DB8:0001:FF12::1",
    "2001:db8:1:ff00::192.0.2.1",
    "2001:db8:1:ff00::1%eth0",
  ];
  assert.deepEqual([...new Set(own.map(clientNetwork))], ["2001:db8:1:ff00::/56"]);
  assert.notEqual(clientNetwork("2001:db8:1:fe00::1"), clientNetwork("2001:db8:1:ff00::1"));
});

test("a network is written as RFC 5952 writes its first address", () => {
  const forms: readonly (readonly [string, string])[] = [
    ["::1", "::/56"],
    ["2001:db8::1", "2001:db8::/56"],
    ["1:2:3::4:5:6.7.8.9", "1:2:3::/56"],
    ["::2:3:4:5:6:7:8", "0:2:3::/56"],
    ["::ffff:0:203.0.113.7", "::/56"],
  ];
  for (const [address, network] of forms) assert.equal(clientNetwork(address), network, address);
});

test("a network is the first 56 bits of any address", () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, (all) => {
      const long = all.map((group) => group.toString(16).padStart(4, "0")).join(":");
      const [a = 0, b = 0, c = 0, d = 0] = all;
      const first = [a, b, c, d - (d % 256), 0, 0, 0, 0].map((group) => group.toString(16)).join(":");
      const expected = canonicalAddress(long)?.includes(":") === true ? `${canonicalAddress(first)}/56` : canonicalAddress(long);
      assert.equal(clientNetwork(long), expected);
      assert.equal(clientNetwork(long.toUpperCase()), expected);
    }),
    { numRuns: 500 },
  );
});

test("a text that is not an address stands for itself, and clients without one share a key", () => {
  for (const text of ["", "unix", "10.0.0.1:port", "1:2:3", "[::1"]) assert.equal(clientNetwork(text), text);
  assert.equal(clientNetwork(undefined), "unknown");
});

test("a network can be written in another way, once for an address in use", () => {
  let written = 0;
  const keyOf = clientNetworks((first) => {
    written += 1;
    return `network ${first}`;
  });
  assert.deepEqual(
    [keyOf("2001:db8::1"), keyOf("2001:db8::1"), keyOf("192.0.2.1")],
    ["network 2001:db8::", "network 2001:db8::", "192.0.2.1"],
  );
  assert.equal(written, 1);
});

test("the memory of addresses is bounded, and forgetting changes no key", () => {
  const first = clientNetwork("2001:db8:ffff:100::1");
  const keys = new Set<string>();
  for (let customer = 0; customer < 12_000; customer += 1) keys.add(clientNetwork(`2001:db8:${customer.toString(16)}:100::1`));
  assert.equal(keys.size, 12_000);
  assert.equal(clientNetwork("2001:db8:ffff:100::1"), first);
});
