import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachHost } from "@aivillage/testing";

import { type ApiKey, apiKeyAuth, KeyRing } from "../src/index.ts";
import { ask, nowMs } from "./support.ts";

const key = (addresses: readonly string[]): ApiKey => ({ id: "ada", secret: "ada-key", addresses });

function accepted(addresses: readonly string[], address: string | undefined): boolean {
  const verdict = new KeyRing([key(addresses)]).check("ada-key", nowMs, address);
  if (typeof verdict === "string") assert.equal(verdict, "wrong-address");
  return typeof verdict === "object";
}

test("a key is accepted from its addresses and ranges only, to the first and last of each", () => {
  const list = ["192.0.2.7", "10.20.0.0/15", "2001:db8:1::/48", "::1"];
  for (const inside of ["192.0.2.7", "10.20.0.0", "10.21.255.255", "2001:db8:1::", "2001:DB8:1:ffff:ffff:ffff:ffff:ffff", "::1"]) {
    assert.ok(accepted(list, inside), inside);
  }
  for (const outside of ["192.0.2.6", "192.0.2.8", "10.19.255.255", "10.22.0.0", "2001:db8:2::", "2001:db8:0:ffff::", "::2", "127.0.0.1"]) {
    assert.ok(!accepted(list, outside), outside);
  }
});

test("IPv4 mapped into IPv6 is IPv4, and a range need not begin at its border", () => {
  assert.ok(accepted(["10.0.0.0/8"], "::ffff:10.1.2.3"));
  assert.ok(!accepted(["10.0.0.0/8"], "::ffff:11.1.2.3"));
  assert.ok(accepted(["10.9.9.9/8"], "10.1.2.3"));
  assert.ok(accepted(["0.0.0.0/0"], "203.0.113.9"));
  assert.ok(!accepted(["0.0.0.0/0"], "2001:db8::1"));
});

test("an address that is unknown or none is not on the list", () => {
  for (const address of [undefined, "", "unknown", "10.0.0", "10.0.0.1:", "[::1", "::1/128", "/run/socket"]) {
    assert.ok(!accepted(["0.0.0.0/0", "::/0"], address), address);
  }
});

test("a list that says nothing, or holds what is not an address, is refused", () => {
  for (const addresses of [[], "10.0.0.0/8"]) {
    assert.throws(() => new KeyRing([key(addresses as string[])]), {
      name: "TypeError",
      message: /option `keys\[0\]\.addresses` must be a list of IP addresses, CIDR ranges and names/,
    });
  }
  for (const entry of ["10.0.0.0/33", "::/129", "10.0.0.0/", "a.example", "fe80::1%eth0", 5]) {
    assert.throws(() => new KeyRing([key(["10.0.0.1", entry as string])]), {
      name: "TypeError",
      message: /option `keys\[0\]\.addresses\[1\]` must be an IP address, a CIDR range/,
    });
  }
});

test("names stand for ranges, as in every list of addresses", () => {
  assert.ok(accepted(["private", "loopback"], "192.168.7.1"));
  assert.ok(accepted(["private", "loopback"], "::1"));
  assert.ok(!accepted(["private", "loopback"], "192.169.7.1"));
});

forEachHost((host) => {
  test("without clientIp the address of the socket counts, and no header", async () => {
    const local = apiKeyAuth({ keys: [key(["127.0.0.0/8"])] });
    const remote = apiKeyAuth({ keys: [key(["203.0.113.0/24"])] });
    assert.equal((await ask(host, [local], "Bearer ada-key")).status, 200);
    await using app = await host.serve([remote], (_error, _req, res, _next) => void res.writeHead(401).end());
    const headers = { authorization: "Bearer ada-key", "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9" };
    assert.equal((await fetch(app.url, { headers })).status, 401);
  });

  test("clientIp returns the address, and a wrong one gets the response of an unknown key", async () => {
    const from = (address: string | undefined) => apiKeyAuth({ keys: [key(["203.0.113.0/24"])], clientIp: () => address });
    assert.equal((await ask(host, [from("203.0.113.9")], "Bearer ada-key")).status, 200);
    const unknown = await ask(host, [from("203.0.113.9")], "Bearer other-key");
    assert.deepEqual(await ask(host, [from("203.0.114.9")], "Bearer ada-key"), unknown);
    assert.deepEqual(await ask(host, [from(undefined)], "Bearer ada-key"), unknown);
  });

  test("a list that comes with a replacement counts at once", async () => {
    const ring = new KeyRing([{ id: "ada", secret: "ada-key" }]);
    const auth = apiKeyAuth({ keys: ring });
    assert.equal((await ask(host, [auth], "Bearer ada-key")).status, 200);
    ring.replace([key(["203.0.113.9"])]);
    assert.equal((await ask(host, [auth], "Bearer ada-key")).status, 401);
  });
});

test("the address is not asked for where nobody needs it", () => {
  let asked = 0;
  const clientIp = (): string => String((asked += 1));
  const request = { headers: { authorization: "Bearer ada-key" }, rawHeaders: [], url: "/" } as never;
  apiKeyAuth({ keys: [{ id: "ada", secret: "ada-key" }], clientIp })(request, {} as never, () => undefined);
  assert.equal(asked, 0);
  apiKeyAuth({ keys: [key(["::1"])], clientIp })(request, {} as never, () => undefined);
  assert.equal(asked, 1);
});
