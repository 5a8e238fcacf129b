import assert from "node:assert/strict";
import { test } from "node:test";

import { startDownstream } from "@aivillage/testing";

import { configFile } from "./config-support.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"];

/** How many of four requests from each of five addresses pass. */
async function passedOf(
  { url, authorization }: TestGateway,
  path: string,
  headers: Record<string, string> = authorization,
): Promise<number> {
  let passed = 0;
  for (const address of addresses.flatMap((each) => [each, each, each, each])) {
    const response = await fetch(url + path, { headers: { ...headers, "x-forwarded-for": address } });
    await response.arrayBuffer();
    if (response.status === 200) passed += 1;
  }
  return passed;
}

const limited = (limitBy?: string) => ({ requests: 10, ...(limitBy !== undefined && { limitBy }) });

test("one key has one limit from all its addresses, unless a setting, a tier or a route says otherwise", async () => {
  const start = (document: object) =>
    startTestGateway({ TRUSTED_PROXIES: "127.0.0.1", RATE_LIMIT_REQUESTS: "", CONFIG_FILE: configFile(document) });
  {
    await using gateway = await start({ rateLimit: { requests: 10 } });
    assert.equal(await passedOf(gateway, "/"), 10);
    assert.equal(await passedOf(gateway, "/", {}), 20, "without a key each address has its own");
  }
  {
    await using gateway = await start({ rateLimit: { requests: 10, limitBy: "principal+address" } });
    assert.equal(await passedOf(gateway, "/"), 20);
  }
  {
    await using gateway = await start({ rateLimit: { limitBy: "address", requests: 3 } });
    assert.equal(await passedOf(gateway, "/"), 15);
    assert.equal(await passedOf(gateway, "/", {}), 15, "each tier counts for itself");
  }
  {
    await using gateway = await start({ rateLimit: { tiers: [{ name: "authenticated", ...limited("principal+address") }] } });
    assert.equal(await passedOf(gateway, "/"), 20);
  }
  {
    await using service = await startDownstream();
    const route = (path: string, limitBy?: string) => ({ path, upstream: [service.url], limits: [limited(limitBy)] });
    await using gateway = await start({
      rateLimit: { tiers: [{ name: "authenticated", requests: 1_000 }] },
      routes: [route("/one"), route("/each", "principal+address")],
    });
    assert.equal(await passedOf(gateway, "/one"), 10);
    assert.equal(await passedOf(gateway, "/each"), 20);
  }
});
