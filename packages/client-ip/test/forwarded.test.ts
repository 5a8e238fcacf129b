import assert from "node:assert/strict";
import { test } from "node:test";

import { reported } from "./support.ts";

test("every way to write a node of Forwarded is understood", () => {
  const nodes: readonly (readonly [string, string])[] = [
    ["for=203.0.113.7", "203.0.113.7"],
    ["For=203.0.113.7", "203.0.113.7"],
    ['for="203.0.113.7"', "203.0.113.7"],
    ['for="203.0.113.7:4711"', "203.0.113.7"],
    ['for="203.0.113.7:_port"', "203.0.113.7"],
    ['FOR="[2001:DB8:CAFE:0::17]:4711"', "2001:db8:cafe::17"],
    ['for="[2001:db8::17]"', "2001:db8::17"],
    ['for="[::ffff:203.0.113.7]:80"', "203.0.113.7"],
    ['for="\\2\\03.0.113.7"', "203.0.113.7"],
    ["by=10.0.0.1;for=203.0.113.7;proto=https;host=a.example", "203.0.113.7"],
    ["proto=https ; for=203.0.113.7;", "203.0.113.7"],
    ['host="a;for=1.1.1.1,b";for=203.0.113.7', "203.0.113.7"],
    ['for=203.0.113.7;host="x\\",for=1.1.1.1"', "203.0.113.7"],
  ];
  for (const [element, expected] of nodes) assert.equal(reported("Forwarded", element), expected, element);
});

test("what names nobody ends the walk at the peer", () => {
  const elements = [
    "for=unknown",
    "for=_secret",
    'for="_gazonk:80"',
    "proto=https",
    "for=203.0.113.7;for=198.51.100.1",
    "for=203.0.113.7:80",
    "for=[2001:db8::17]",
    'for="2001:db8::17"',
    'for="[203.0.113.7]"',
    'for="203.0.113.7',
    "for =203.0.113.7",
    "for= 203.0.113.7",
    "for=203.0.113.7 x",
    "proto=https x",
    "203.0.113.7",
    'for=""',
    "for=",
    "=203.0.113.7",
    ";for=203.0.113.7",
    "",
  ];
  for (const element of elements) assert.equal(reported("Forwarded", element), "10.0.0.1", element);
});

test("an open quote that a client sends does not swallow what a proxy appends", () => {
  for (const forged of ['for="', 'for="1.1.1.1', 'for="\\', '"', 'a="b\\"', '","', 'for="1.1.1.1", "']) {
    assert.equal(reported("Forwarded", `${forged}, for=203.0.113.7`), "203.0.113.7", forged);
    assert.equal(reported("Forwarded", `${forged}, for="[2001:db8::7]:80";host="a,b"`), "2001:db8::7", forged);
  }
});

test("an entry of X-Forwarded-For may have a port and brackets", () => {
  const entries: readonly (readonly [string, string])[] = [
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7:4711", "203.0.113.7"],
    ["2001:DB8::0017", "2001:db8::17"],
    ["[2001:db8::17]", "2001:db8::17"],
    ["[2001:db8::17]:4711", "2001:db8::17"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:cb00:7107", "203.0.113.7"],
    ["\t203.0.113.7 ", "203.0.113.7"],
  ];
  for (const [entry, expected] of entries) assert.equal(reported("X-Forwarded-For", entry), expected, entry);
});
