import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { hostileParts, readLong } from "./long-headers.ts";
import { reported, resolve } from "./support.ts";

const behindProxy = { trustedProxies: ["10.0.0.0/8"] };

test("an entry that names no address ends the walk at the last one that did", () => {
  for (const bad of [
    "",
    "unknown",
    "_hidden",
    "nonsense",
    "1.2.3",
    "1.2.3.4.5",
    "010.0.0.9",
    "1.2.3.4:",
    "1.2.3.4:123456",
    "[1.2.3.4]",
    "1.2.3.4 5.6.7.8",
  ]) {
    assert.equal(reported("X-Forwarded-For", `203.0.113.7, ${bad}, 10.0.0.2`), "10.0.0.2", bad);
    assert.equal(reported("X-Forwarded-For", `203.0.113.7, ${bad}`), "10.0.0.1", bad);
  }
});

test("when every address is a trusted proxy the leftmost is the client", () => {
  assert.equal(reported("X-Forwarded-For", "10.0.0.4, 10.0.0.3, 10.0.0.2"), "10.0.0.4");
});

test("at most 32 entries are looked at", () => {
  const proxies = Array.from({ length: 40 }, (_, index) => `10.0.1.${index}`);
  assert.equal(reported("X-Forwarded-For", `203.0.113.7, ${proxies.slice(0, 31).join(", ")}`), "203.0.113.7");
  assert.equal(reported("X-Forwarded-For", `203.0.113.7, ${proxies.slice(0, 32).join(", ")}`), "10.0.1.0");
  assert.equal(reported("Forwarded", `for=203.0.113.7, ${proxies.map((proxy) => `for=${proxy}`).join(", ")}`), "10.0.1.8");
});

test("a peer with an IPv4-mapped address is compared and reported as IPv4", () => {
  assert.equal(resolve(behindProxy, "::ffff:10.0.0.1", { "x-forwarded-for": "203.0.113.7" }).ip, "203.0.113.7");
  assert.equal(resolve({}, "::ffff:203.0.113.9").ip, "203.0.113.9");
});

test("an IPv6 peer is reported in canonical form without its zone", () => {
  assert.equal(resolve({}, "fe80::1%eth0").ip, "fe80::1");
  assert.deepEqual(resolve({ trustedProxies: ["linklocal"] }, "fe80::1%eth0", { "x-forwarded-for": "2001:DB8:0:0::7" }), {
    ip: "2001:db8::7",
    trusted: true,
    handedOn: 1,
  });
});

test("a connection without a peer address, as on a Unix socket, has no client and no trust", () => {
  const result = resolve({ trustedProxies: ["loopback"] }, undefined, { "x-forwarded-for": "203.0.113.7" });
  assert.deepEqual(result, { ip: undefined, trusted: false, handedOn: 1 });
});

const anything = fc.string({ unit: "binary", maxLength: 200 });
const address = fc.oneof(fc.ipV4(), fc.ipV6());
const plausible = fc.array(fc.oneof(address, fc.constantFrom("unknown", "_x", "", '"', "10.0.0.9", "for=10.0.0.9", 'for="', "\\", ";")), {
  maxLength: 8,
});
const sent = fc.oneof(
  anything,
  plausible.map((parts) => parts.join(",")),
  plausible.map((parts) => parts.join("")),
);
const outside = fc.oneof(
  fc.ipV4().filter((ip) => !ip.startsWith("10.")),
  fc.constantFrom("2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0"),
);

test("whatever an untrusted peer sends never changes the result", () => {
  fc.assert(
    fc.property(outside, sent, sent, fc.constantFrom("X-Forwarded-For", "Forwarded"), (peer, one, two, header) => {
      const options = { ...behindProxy, header };
      const silent = resolve(options, peer);
      assert.ok(silent.ip !== undefined && !silent.trusted);
      assert.deepEqual(resolve(options, peer, { "x-forwarded-for": one, forwarded: two }), silent);
    }),
    { numRuns: 500 },
  );
});

test("whatever a client sends through a trusted proxy, the address that the proxy has appended is the result", () => {
  const client = fc.ipV4().filter((ip) => !ip.startsWith("10."));
  fc.assert(
    fc.property(sent, client, fc.constantFrom("", ";proto=https", ';by="[::1]:80"', ';host="a,b\\"c"'), (forged, ip, more) => {
      assert.equal(reported("X-Forwarded-For", `${forged}, ${ip}`), ip);
      assert.equal(reported("X-Forwarded-For", `${forged}, ${ip}, 10.0.0.2`), ip);
      assert.equal(reported("Forwarded", `${forged}, for=${ip}${more}`), ip);
      assert.equal(reported("Forwarded", `${forged}, for="${ip}:4711"${more}, for=10.0.0.2${more}`), ip);
    }),
    { numRuns: 500 },
  );
});

test("the result is always a canonical address, whatever a trusted proxy sends", () => {
  fc.assert(
    fc.property(sent, (value) => {
      for (const header of ["X-Forwarded-For", "Forwarded"] as const) {
        const ip = reported(header, value);
        assert.ok(ip !== undefined);
        assert.equal(resolve({}, ip).ip, ip);
      }
    }),
    { numRuns: 500 },
  );
});

test("a header as long as a server accepts is read, whatever it is made of", () => {
  for (const part of hostileParts) readLong(part, 16_384);
});
