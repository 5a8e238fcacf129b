import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const proxied = { TRUSTED_PROXIES: "loopback", RATE_LIMIT_REQUESTS: "100" };

/** One request of a client at an address, and the limit under which it was decided. */
async function ask({ url }: TestGateway, address: string | undefined, authorization?: string, path = "/") {
  const forwarded = address === undefined ? {} : { "x-forwarded-for": address };
  const response = await fetch(url + path, { headers: { ...forwarded, ...(authorization !== undefined && { authorization }) } });
  await response.arrayBuffer();
  return { status: response.status, limit: response.headers.get("x-ratelimit-limit") };
}

async function send(gateway: TestGateway, count: number, address: string | undefined, authorization?: (index: number) => string) {
  for (let index = 0; index < count; index += 1) await ask(gateway, address, authorization?.(index));
}

const guess = (index: number): string => `Bearer guess-${index}`;

/** A POST of a client with the gateway's key; the service is asked when it passes. */
async function query(gateway: TestGateway, address: string | undefined, text = "hello", authorization?: string) {
  const response = await gateway.post(
    "/v1/query",
    { query: text },
    { ...(address !== undefined && { "x-forwarded-for": address }), ...(authorization !== undefined && { authorization }) },
  );
  await response.arrayBuffer();
  return { status: response.status, limit: response.headers.get("x-ratelimit-limit") };
}

describe("nothing that others do at an address costs a key holder there anything", () => {
  test("not 330 anonymous requests and 20 guesses", async () => {
    await using gateway = await startTestGateway(proxied);
    await send(gateway, 330, "198.51.100.7");
    await send(gateway, 20, "198.51.100.7", guess);
    assert.deepEqual(await ask(gateway, "198.51.100.7"), { status: 429, limit: "25" });
    assert.deepEqual(await query(gateway, "198.51.100.7"), { status: 200, limit: "100" });
  });

  test("not where a front end is not trusted, so that all its clients have one address", async () => {
    await using gateway = await startTestGateway({ RATE_LIMIT_REQUESTS: "100" });
    await send(gateway, 25, "203.0.113.5", guess);
    assert.deepEqual(await query(gateway, "198.51.100.7"), { status: 200, limit: "100" });
  });

  test("not at another network of the same /56", async () => {
    await using gateway = await startTestGateway(proxied);
    await send(gateway, 25, "2001:db8:1:aa::1", guess);
    assert.deepEqual(await query(gateway, "2001:db8:1:1::7"), { status: 200, limit: "100" });
  });

  test("not the input that another key's holder is refused for, who is penalised alone", async () => {
    await using gateway = await startTestGateway({ ...proxied, SECRET_KEY: "the-secret-of-the-tokens-0123456789" });
    const attack = "1' OR '1'='1' UNION SELECT password FROM users --";
    for (let count = 0; count < 12; count += 1) assert.equal((await query(gateway, "198.51.100.7", attack)).status, 422);
    assert.equal((await query(gateway, "198.51.100.7")).limit, "25");
    assert.equal((await query(gateway, "198.51.100.8")).limit, "100");
    assert.equal((await ask(gateway, "198.51.100.7")).limit, "100");
    assert.deepEqual(
      gateway.gateway.penalties.list().map(({ key, reason }) => [key, reason]),
      [["key:default 198.51.100.7", "input"]],
    );
  });
});

test("a client that guesses gets 429 after 20 guesses, and its anonymous requests a lower limit", async () => {
  await using gateway = await startTestGateway({ ...proxied, RATE_LIMIT_REQUESTS: "1000" });
  const statuses: number[] = [];
  for (let index = 0; index < 22; index += 1) statuses.push((await query(gateway, "198.51.100.7", "hello", guess(index))).status);
  assert.deepEqual(statuses, [...Array<number>(20).fill(401), 429, 429]);
  assert.equal((await ask(gateway, "198.51.100.7")).limit, "250");
});

test("addresses on RATE_LIMIT_ALLOW are neither counted nor penalised for guesses", async () => {
  await using gateway = await startTestGateway({ ...proxied, RATE_LIMIT_ALLOW: "192.0.2.0/24" });
  for (let index = 0; index < 25; index += 1) assert.equal((await query(gateway, "192.0.2.9", "hello", guess(index))).status, 401);
  assert.deepEqual(gateway.gateway.penalties.list(), []);
  assert.equal((await query(gateway, "192.0.2.9")).status, 200);
});

describe("a forwarding header from a peer that is not trusted", () => {
  const warnings = ({ log }: TestGateway) => log.filter(({ message }) => message === "forwarding header from an untrusted peer ignored");

  test("is warned of once, with what to do", async () => {
    await using gateway = await startTestGateway();
    await send(gateway, 3, "203.0.113.5");
    assert.deepEqual(
      warnings(gateway).map(({ level, peer, header }) => [level, peer, header]),
      [["warn", "127.0.0.1", "x-forwarded-for"]],
    );
    assert.match(String(warnings(gateway)[0]?.["remedy"]), /set TRUSTED_PROXIES to its address/);
  });

  test("is no reason to warn where the peer is trusted, and where none came", async () => {
    await using trusting = await startTestGateway(proxied);
    await send(trusting, 3, "203.0.113.5");
    await using plain = await startTestGateway();
    await send(plain, 3, undefined);
    assert.deepEqual([warnings(trusting), warnings(plain)], [[], []]);
  });
});
