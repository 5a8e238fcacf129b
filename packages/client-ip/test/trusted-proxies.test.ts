import assert from "node:assert/strict";
import { test } from "node:test";

import { makeTrust } from "../src/trusted-proxies.ts";

const trusts = (entries: readonly string[], yes: readonly string[], no: readonly string[]): void => {
  const isTrusted = makeTrust(entries);
  for (const address of yes) assert.equal(isTrusted(address), true, `${address} in ${entries.join()}`);
  for (const address of no) assert.equal(isTrusted(address), false, `${address} not in ${entries.join()}`);
};

test("nobody is trusted by default", () => {
  trusts([], [], ["127.0.0.1", "::1", "10.0.0.1", "fe80::1"]);
});

test("names stand for the ranges of their RFCs", () => {
  trusts(["loopback"], ["127.0.0.1", "127.255.0.1", "::1"], ["128.0.0.1", "::2", "10.0.0.1"]);
  trusts(["linklocal"], ["169.254.1.1", "fe80::1", "febf::1"], ["169.255.0.1", "fec0::1"]);
  for (const name of ["uniquelocal", "private"]) {
    trusts(
      [name],
      ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1"],
      ["172.32.0.1", "192.169.0.1", "fe80::1", "127.0.0.1"],
    );
  }
});

test("an address is itself and a range is what its prefix says", () => {
  trusts(["192.0.2.7"], ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]);
  trusts(["192.0.2.128/25"], ["192.0.2.128", "192.0.2.255"], ["192.0.2.127", "192.0.3.128"]);
  trusts(["10.1.2.3/8"], ["10.200.0.1"], ["11.1.2.3"]);
  trusts(["2001:DB8::/32"], ["2001:db8:ffff::1"], ["2001:db9::1"]);
  trusts(["192.0.2.7/32", "2001:db8::7/128"], ["192.0.2.7", "2001:db8::7"], ["192.0.2.8", "2001:db8::8"]);
});

test("entries add up", () => {
  trusts(["loopback", "192.0.2.0/24", "2001:db8::7"], ["127.0.0.1", "192.0.2.9", "2001:db8::7"], ["198.51.100.1", "2001:db8::8"]);
});
