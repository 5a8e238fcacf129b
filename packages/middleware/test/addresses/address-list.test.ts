import assert from "node:assert/strict";
import { test } from "node:test";

import { addressList, OptionError, readRange } from "@aivillage/middleware";

const listOf = (entries: readonly unknown[]) => addressList("@aivillage/bakery", "doors", entries);

function holds(entries: readonly string[], inside: readonly string[], outside: readonly string[]): void {
  const isListed = listOf(entries);
  for (const address of inside) assert.equal(isListed(address), true, `${address} in ${entries.join()}`);
  for (const address of outside) assert.equal(isListed(address), false, `${address} not in ${entries.join()}`);
}

test("an address is itself, and a range reaches from its first to its last address", () => {
  holds(["192.0.2.7"], ["192.0.2.7"], ["192.0.2.6", "192.0.2.8", "2001:db8::1"]);
  holds(["192.0.2.128/25"], ["192.0.2.128", "192.0.2.255"], ["192.0.2.127", "192.0.3.128"]);
  holds(["2001:DB8::/32", "::1"], ["2001:db8:ffff::1", "2001:0DB8::1", "0:0:0:0:0:0:0:1"], ["2001:db9::1", "::2", "127.0.0.1"]);
});

test("a range need not begin at its border", () => {
  holds(["10.1.2.3/8", "2001:db8::7/32"], ["10.200.0.1", "2001:db8:1::"], ["11.1.2.3", "2001:db9::7"]);
});

test("names stand for the ranges of their RFCs", () => {
  holds(["loopback"], ["127.0.0.1", "127.255.0.1", "::1"], ["128.0.0.1", "::2", "10.0.0.1"]);
  holds(["linklocal"], ["169.254.1.1", "fe80::1", "febf::1"], ["169.255.0.1", "fec0::1"]);
  for (const name of ["uniquelocal", "private"]) {
    const inside = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1"];
    holds([name], inside, ["172.32.0.1", "192.169.0.1", "fe80::1", "127.0.0.1"]);
  }
});

test("an IPv4-mapped address is compared as IPv4, and a zone is left out", () => {
  const mapped = ["::ffff:10.1.2.3", "::FFFF:10.1.2.3", "::ffff:a01:203", "0:0:0:0:0:ffff:a01:203"];
  holds(["10.0.0.0/8"], mapped, ["::ffff:11.1.2.3", "::ffff:b01:203"]);
  holds(["linklocal"], ["fe80::1%eth0"], ["fec0::1%eth0"]);
});

test("what is not an address is on no list, and an empty list holds nobody", () => {
  holds(["0.0.0.0/0", "::/0"], ["203.0.113.9", "2001:db8::1"], ["", "unknown", "10.0.0", "10.0.0.1:", "[::1", "::1/128", "/run/socket"]);
  assert.equal(listOf(["::/0"])(undefined), false);
  holds([], [], ["127.0.0.1", "::1"]);
});

test("an entry that is neither address, range nor name is refused with its position", () => {
  const bad = ["", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/", "10.0.0.0/1e1", "10.0.0.0/ 8", "10.0.0/8"];
  for (const entry of [...bad, "::1/129", "10.0.0.1:80", "[::1]", "Loopback", 1, true, null]) {
    assert.throws(
      () => listOf(["10.0.0.1", "loopback", entry]),
      (error) =>
        error instanceof OptionError &&
        error.option === "doors[2]" &&
        /^an IP address, a CIDR range such as "10\.0\.0\.0\/8", or one of "loopback", "linklocal", "uniquelocal", "private"$/.test(
          error.expected,
        ),
      String(entry),
    );
  }
});

test("an entry with a zone or in IPv4-mapped form, which no client could match, is refused", () => {
  assert.throws(() => listOf(["fe80::1%eth0"]), /`doors\[0\]` must be an IP address, a CIDR range/);
  for (const entry of ["::ffff:10.0.0.1", "::ffff:10.0.0.0/104", "::FFFF:a00:1", "::ffff:102:304"]) {
    assert.throws(() => listOf([entry]), /`doors\[0\]` must be an IPv4 address or range without the `::ffff:` before it/, entry);
  }
});

test("a range is read with its family and length", () => {
  assert.deepEqual(readRange("10.0.0.0/8"), { address: "10.0.0.0", bits: 8, family: "ipv4" });
  assert.deepEqual(readRange("::1"), { address: "::1", bits: 128, family: "ipv6" });
  for (const text of ["private", "::ffff:10.0.0.1", "fe80::1%1", "10.0.0.0/33", ""]) assert.equal(readRange(text), undefined, text);
});

test("the address that is checked may have a port, as some proxies report it", () => {
  const isListed = listOf(["10.0.0.0/8", "2001:db8::/32"]);
  for (const address of ["10.0.0.1:50123", "[2001:db8::1]:443", "[2001:db8::1]"]) assert.equal(isListed(address), true, address);
  for (const address of ["11.0.0.1:50123", "10.0.0.1:", "10.0.0.1:port", "10.0.0.1:123456", "[10.0.0.1"])
    assert.equal(isListed(address), false, address);
});
