import assert from "node:assert/strict";
import { test } from "node:test";

import { clientIp, type ClientIpOptions, trustedPeers } from "../src/index.ts";
import { run } from "./support.ts";

const refused = (options: unknown, message: RegExp): void => {
  assert.throws(() => clientIp(options as ClientIpOptions), { name: "TypeError", message });
};

test("an unknown option is named together with the known ones", () => {
  refused({ trustProxy: true }, /^@aivillage\/client-ip: unknown option `trustProxy`; known options: trustedProxies, header$/);
});

test("trust in everybody and numbers of hops are refused with the remedy", () => {
  for (const value of [true, 1, "loopback", { length: 1 }]) {
    refused(
      { trustedProxies: value },
      /option `trustedProxies` must be a list of IP addresses, .* so list your proxies, such as \["loopback", "10\.0\.0\.0\/8"\], got /,
    );
    assert.throws(() => trustedPeers(value as never), /option `trustedProxies` must be a list of IP addresses, .* so list your proxies/);
  }
  for (const everybody of ["0.0.0.0/0", "::/0", "10.0.0.0/0"]) {
    refused(
      { trustedProxies: ["loopback", everybody] },
      /option `trustedProxies\[1\]` must be narrower than every address, .* list the ranges of your proxies, got /,
    );
  }
  const halves = [["0.0.0.0/1", "128.0.0.0/1"], ["::/1", "8000::/1"], ["2000::/4", "10.0.0.0/8", "3000::/4"], ["2000::/3"]];
  for (const trustedProxies of halves) refused({ trustedProxies }, /option `trustedProxies` must be narrower than every address, /);
  assert.ok(clientIp({ trustedProxies: ["0.0.0.0/1", "128.0.0.0/2", "private", "2000::/4"] }));
});

test("a bad entry is named by its place", () => {
  const bad = [
    "",
    "localhost",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "10.0.0/8",
    "::1/129",
    "fe80::1%eth0",
    "10.0.0.1:80",
    "[::1]",
    "Loopback",
    1,
    true,
    null,
  ];
  for (const entry of bad) {
    refused(
      { trustedProxies: ["10.0.0.1", "loopback", entry] },
      /option `trustedProxies\[2\]` must be an IP address, a CIDR range such as "10\.0\.0\.0\/8", or one of "loopback", "linklocal", "uniquelocal", "private", got /,
    );
  }
});

test("an IPv4-mapped entry, which no peer could match, is refused with the remedy", () => {
  for (const entry of ["::ffff:10.0.0.1", "::ffff:10.0.0.0/104", "::FFFF:a00:1"]) {
    refused({ trustedProxies: [entry] }, /option `trustedProxies\[0\]` must be an IPv4 address or range without the `::ffff:`/);
  }
});

test("a bad header name is named with what was expected", () => {
  refused({ header: "X-Real-IP" }, /option `header` must be one of "X-Forwarded-For", "Forwarded", got 'X-Real-IP'/);
  refused({ header: "x-forwarded-for" }, /option `header` must be one of/);
  refused(["loopback"], /options must be an object, got array/);
  refused("loopback", /options must be an object, got string/);
});

test("changing the list later changes nothing", () => {
  const trustedProxies = ["10.0.0.0/8"];
  const handler = clientIp({ trustedProxies });
  trustedProxies[0] = "192.0.2.0/24";
  assert.equal(run(handler, "10.0.0.1").trusted, true);
  assert.equal(run(handler, "192.0.2.1").trusted, false);
});

test("the handler has a name that shows in stacks and profiles", () => {
  assert.equal(clientIp().name, "clientIpHandler");
});
